import { isGoldenError } from '@golden-arch/core/errors'
import type { Decision, Settlement } from './decision.ts'
import type { Attempts } from './ports/attempt-store.ts'
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
  readonly tenantId: string | null
  /** A number from 0 to 1 that spreads the pauses. */
  readonly random: number
}

const MAX_DELAY_MS = 86_400_000

/** Errors that no repetition mends. */
const NON_RETRYABLE = ['NON_RETRYABLE', 'SCHEMA_MISMATCH', 'MALFORMED_MESSAGE'] as const

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
): Settlement {
  const { attempt, tenantId } = facts
  const isLast = attempt >= policy.maxAttempts
  const delayMs = retryDelayMs(attempt, policy, facts.random)
  if (outcome.status === 'threw') {
    const { error } = outcome
    const reason = describeError(error)
    if (isLast || isHopeless(error)) {
      return { kind: 'dead-letter', reason, code: codeOf(error), attempts: attempt, tenantId }
    }
    return { kind: 'retry', afterMs: delayMs, reason }
  }
  const { decision } = outcome
  if (decision.kind === 'ack') return decision
  if (decision.kind === 'dead-letter') {
    const { reason, code = 'DEAD_LETTERED' } = decision
    return { kind: 'dead-letter', reason, code, attempts: attempt, tenantId }
  }
  const reason = decision.reason ?? 'the handler asked for it again'
  if (isLast) return { kind: 'dead-letter', reason, code: 'ATTEMPTS_EXHAUSTED', attempts: attempt, tenantId }
  return { kind: 'retry', afterMs: boundedDelay(decision.afterMs ?? delayMs), reason }
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

function isHopeless(error: unknown): boolean {
  return NON_RETRYABLE.some((code) => isGoldenError(error, code))
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'HANDLER_FAILED'
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && code !== '' ? code : 'HANDLER_FAILED'
}
