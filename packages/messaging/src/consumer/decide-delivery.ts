import { retryOf } from '@golden-arch/core/errors'
import type { Decision, DeliverySettlement } from '../decision.ts'
import type { Attempts } from '../ports/attempt-store.ts'
import { type ResolvedRedeliveryOptions, retryDelayMs } from './redelivery-options.ts'

/** Whether a handler may start. */
export type StartDecision =
  /** `isAlone`: with no other handler running beside it. */
  { readonly kind: 'start'; readonly isAlone: boolean } | { readonly kind: 'exhausted' }

/** What came of a start: an answer, or what the handler threw. */
export type HandlerOutcome =
  | { readonly status: 'answered'; readonly decision: Decision }
  | { readonly status: 'threw'; readonly error: unknown }

/** What a decision about an outcome rests on. */
export interface DeliveryFacts {
  /** Starts of the handler, this one included. */
  readonly attempt: number
  /** Deliveries of the message, this one included, whether or not a handler was started. */
  readonly deliveries: number
  readonly tenantId: string | null
  /** A number from 0 to 1 that spreads the pauses. */
  readonly random: number
}

const MAX_DELAY_MS = 86_400_000

/** What becomes of a delivery; `postpone`: it comes again, and the start of its handler is taken back. */
export type DeliveryDecision =
  | DeliverySettlement
  | { readonly kind: 'postpone'; readonly afterMs: number; readonly reason: string }

/**
 * Whether to start the handler of a message that was delivered before. One whose last start never ended may have
 * killed its process: it runs alone, so that another death counts against nobody else.
 */
export function decideStart(attempts: Attempts, policy: ResolvedRedeliveryOptions): StartDecision {
  if (attempts.starts >= policy.maxAttempts) return { kind: 'exhausted' }
  return { kind: 'start', isAlone: attempts.isInterrupted }
}

/** What becomes of a delivery whose handler has ended. */
export function decideDelivery(
  outcome: HandlerOutcome,
  facts: DeliveryFacts,
  policy: ResolvedRedeliveryOptions,
): DeliveryDecision {
  if (outcome.status === 'threw') return decideFailure(outcome.error, facts, policy)
  const { attempt, tenantId } = facts
  const { decision } = outcome
  if (decision.kind === 'ack') return decision
  if (decision.kind === 'dead-letter') {
    const { reason, code = 'DEAD_LETTERED' } = decision
    return { kind: 'dead-letter', reason, code, attempts: attempt, tenantId }
  }
  const reason = decision.reason ?? 'the handler asked for it again'
  if (attempt >= policy.maxAttempts)
    return { kind: 'dead-letter', reason, code: 'ATTEMPTS_EXHAUSTED', attempts: attempt, tenantId }
  return {
    kind: 'retry',
    afterMs: boundedDelay(decision.afterMs ?? retryDelayMs(attempt, policy, facts.random)),
    reason,
  }
}

/**
 * Whoever says when to come again refuses the moment and not the message: its handler's start does not count, as often as the
 * policy allows. Each time takes a delivery, so there is an end to it. The pause grows with them, lest a short one be asked for
 * again and again.
 */
function decideFailure(
  error: unknown,
  { attempt, deliveries, tenantId, random }: DeliveryFacts,
  policy: ResolvedRedeliveryOptions,
): DeliveryDecision {
  const reason = describeError(error)
  const dead = { kind: 'dead-letter', reason, code: codeOf(error), attempts: attempt, tenantId } as const
  const { retryable, retryAfterMs } = retryOf(error)
  if (!retryable) return dead
  if (retryAfterMs === undefined) {
    if (attempt >= policy.maxAttempts) return dead
    return { kind: 'retry', afterMs: retryDelayMs(attempt, policy, random), reason }
  }
  // Those who were told the same wait do not come back together.
  const askedMs = retryAfterMs + retryDelayMs(1, policy, random)
  const afterMs = boundedDelay(Math.max(askedMs, retryDelayMs(deliveries, policy, random)))
  if (deliveries - attempt < policy.maxPostponements) return { kind: 'postpone', afterMs, reason }
  return attempt >= policy.maxAttempts ? dead : { kind: 'retry', afterMs, reason }
}

/** The error's name and message, for a person. A handler may throw anything, even what has no text. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  } catch {
    return 'thrown: a value without a text'
  }
}

function boundedDelay(afterMs: number): number {
  return Number.isFinite(afterMs) ? Math.min(Math.max(0, Math.round(afterMs)), MAX_DELAY_MS) : MAX_DELAY_MS
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'HANDLER_FAILED'
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && code !== '' ? code : 'HANDLER_FAILED'
}
