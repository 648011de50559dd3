/** The tenant whose budgets are hammered. */
export const TENANT_ID = 'hammered'

/** Its projects, each with a budget that both processes share. */
export const PROJECT_IDS: readonly string[] = ['p0', 'p1', 'p2', 'p3', 'p4']

/** The whole life of one id, the same whoever runs it and however often. */
export interface HammerCall {
  readonly requestId: string
  readonly projectId: string
  readonly tokens: number
  /** Undefined: the hold is released. Some use more than they held. */
  readonly usedTokens: number | undefined
}

/** What becomes of the id of this number. */
export function hammerCall(number: number): HammerCall {
  const tokens = 1 + ((number * 37) % 100)
  return {
    requestId: `r${number}`,
    projectId: PROJECT_IDS[number % PROJECT_IDS.length] ?? '',
    tokens,
    usedTokens: Math.floor(number / PROJECT_IDS.length) % 5 === 4 ? undefined : (number * 53) % (tokens + 20),
  }
}

/**
 * The ids that each of two processes calls, in order. Of ten calls three repeat an id, right behind its first use:
 * half of them in the other process, half in the same.
 */
export function callsOfProcesses(idCount: number): readonly [readonly number[], readonly number[]] {
  const calls: [number[], number[]] = [[], []]
  for (let number = 0; number < idCount; number++) {
    const own = calls[number % 2 === 0 ? 0 : 1]
    const other = calls[number % 2 === 0 ? 1 : 0]
    own.push(number)
    if (number % 7 < 3) (number % 14 < 7 ? other : own).push(number)
  }
  return calls
}

/** What a project must have used when every id has come to its end exactly once. */
export function expectedUse(projectId: string, idCount: number): number {
  let used = 0
  for (let number = 0; number < idCount; number++) {
    const call = hammerCall(number)
    if (call.projectId === projectId) used += call.usedTokens ?? 0
  }
  return used
}
