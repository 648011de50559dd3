/** How the budgets of a run lie: one that all callers share, a thousand side by side, or four that each call counts in. */
export type Shape = 'one budget' | '1000 budgets' | '4 levels'

/** Tokens that each call holds. */
export const HELD_TOKENS = 100
/** Tokens that it then commits. */
export const USED_TOKENS = 60
/** So much room that nothing is ever denied. */
export const LIMIT_TOKENS = 2 ** 52

/** The services that contenders work on. */
export interface Services {
  readonly postgresAddress: string
  readonly redisAddress: string
  /** Connections of the contenders that hold one for each call. */
  readonly connections: number
}

/** A way to hold and commit tokens, made ready for one round. */
export interface Contender {
  readonly name: string
  readonly shapes: readonly Shape[]
  /** Creates tables and budgets in an empty schema of PostgreSQL or under an empty prefix of Redis. */
  open(services: Services, shape: Shape): Promise<OpenContender>
}

/** A contender at work. */
export interface OpenContender {
  /** Holds {@link HELD_TOKENS} in the budget of that index, or in all levels. Throws when it is not granted. */
  hold(requestId: string, budget: number): Promise<void>
  /** Commits {@link USED_TOKENS} of it. Throws when nothing was held. */
  commit(requestId: string, budget: number): Promise<void>
  /** Tokens used in the end over all budgets of one level, read back from the store. */
  usedTokens(): Promise<number>
  /** Ends the connections. */
  close(): Promise<void>
  /** Takes the data away, once closed. */
  remove(): Promise<void>
}

/** How many budgets a call may choose from. */
export function budgetCount(shape: Shape): number {
  return shape === '1000 budgets' ? 1000 : 1
}
