import {
  type Complete,
  InvalidOptionError,
  requireInteger,
  requireMethods,
  requireOneOf,
} from '@golden-arch/core/errors'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { BudgetController } from '../budget-controller.ts'
import { requireId, requireScope } from '../budget-scope.ts'
import type { UnknownUsagePolicy } from '../leases/budget-lease.ts'

/**
 * The part of a {@link BudgetController} that is needed to pay for calls. With `release` a hold that was under way when
 * the caller gave up goes back at once, without it when it expires.
 */
export type CallBudget = Pick<BudgetController, 'withBudget'> & Partial<Pick<BudgetController, 'release'>>

/** Who pays for a call. */
export interface CallScope {
  readonly tenantId: string
  readonly projectId: string
  readonly taskId?: string | undefined
  readonly agentId?: string | undefined
}

/** The most that a call may use. */
export interface CallEstimate {
  /** 0 to 2^53 - 1. */
  readonly inputTokens: number
  /** 1 to 2^53 - 1. */
  readonly maxOutputTokens: number
}

/** How each call is held and settled. */
export interface CallHoldOptions<Call> {
  /** A BudgetController. */
  readonly budget: CallBudget
  /** Who pays; a function is asked for each call, as where the tenant stands in an AsyncLocalStorage. */
  readonly scope: CallScope | ((call: Call) => CallScope)
  /** Whether the tokens of a call are held, or its tokens and money by the price of its model. Default `tokens`. */
  readonly hold?: 'tokens' | 'price' | undefined
  /**
   * Output that is held where a call sets no limit, 1 to 2^53 - 1 tokens. It does not limit the call: set it there, too.
   * Default 4096.
   */
  readonly maxOutputTokens?: number | undefined
  /** Bytes of a prompt that are taken for one token of input, 1 to 16. Default 3; text in English has about 4. */
  readonly bytesPerToken?: number | undefined
  /** What becomes of a hold when nobody tells what was used. Default `hold`: it is charged, as an estimate. */
  readonly onUnknownUsage?: UnknownUsagePolicy | undefined
  /** Milliseconds that a call may take to the end of its answer, 1 to 86400000. Default 600000 (10 minutes). */
  readonly maxCallMs?: number | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

const HOLDS = {
  budget: undefined,
  scope: undefined,
  hold: 'tokens',
  maxOutputTokens: 4096,
  bytesPerToken: 3,
  onUnknownUsage: 'hold',
  maxCallMs: 600_000,
} as const

/** The values used where none are given; each adapter adds those of its own options. */
export const DEFAULT_CALL_HOLDS: typeof HOLDS & { readonly clock: Clock } = Object.freeze({
  ...HOLDS,
  clock: systemClock,
})

/** Options as the code may rely on them. */
export type ResolvedCallHoldOptions<Call> = Complete<CallHoldOptions<Call>>

const DAY_MS = 86_400_000

/**
 * Checks options that have their defaults.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function requireCallHolds<Call>(options: ResolvedCallHoldOptions<Call>): void {
  const { budget, scope, hold, onUnknownUsage, maxOutputTokens, bytesPerToken, maxCallMs } = options
  requireMethods('budget', budget, ['withBudget'])
  if (typeof scope !== 'function' && (typeof scope !== 'object' || scope === null)) {
    throw new InvalidOptionError('scope', 'a scope, or a function that gives one', scope)
  }
  if (typeof scope !== 'function') {
    requireScope(scope)
    requireId('projectId', scope.projectId, 128)
  }
  requireOneOf('hold', hold, ['tokens', 'price'])
  requireInteger('maxOutputTokens', maxOutputTokens, { min: 1 })
  requireInteger('bytesPerToken', bytesPerToken, { min: 1, max: 16 })
  requireOneOf('onUnknownUsage', onUnknownUsage, ['hold', 'release', 'leave'])
  requireInteger('maxCallMs', maxCallMs, { min: 1, max: DAY_MS })
}
