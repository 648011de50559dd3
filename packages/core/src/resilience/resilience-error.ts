import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type ResilienceErrorCode =
  | 'CIRCUIT_OPEN'
  | 'CIRCUIT_ISOLATED'
  | 'CIRCUIT_NOT_FOUND'
  | 'CIRCUIT_CONFLICT'
  | 'PROBE_TIMEOUT'
  | 'TIMEOUT'
  | 'BULKHEAD_FULL'
  | 'THROTTLED'

/** Codes of refusals that a later attempt may not meet. */
const RETRYABLE: ReadonlySet<ResilienceErrorCode> = new Set([
  'CIRCUIT_OPEN',
  'PROBE_TIMEOUT',
  'TIMEOUT',
  'BULKHEAD_FULL',
  'THROTTLED',
])

/** What a {@link ResilienceError} is built from. */
export interface ResilienceErrorInit {
  readonly code: ResilienceErrorCode
  /** What went wrong, for a person. */
  readonly message: string
  /** The name of the policy that refused or ended the call. */
  readonly policy: string
  /** Milliseconds after which another attempt may be let through. Default unknown. */
  readonly retryAfterMs?: number | undefined
  /** The error that led to this one. */
  readonly cause?: unknown
  /** Whether the error carries a stack trace, which is most of what it costs. Default true. */
  readonly hasStack?: boolean | undefined
}

/**
 * A policy refused a call or ended it. Retryable: `CIRCUIT_OPEN`, `PROBE_TIMEOUT`, `TIMEOUT`, `BULKHEAD_FULL` and
 * `THROTTLED`. Not retryable: `CIRCUIT_ISOLATED` (held open by a person), `CIRCUIT_NOT_FOUND` (no breaker of that name) and `CIRCUIT_CONFLICT`
 * (other rules for a breaker that has its own).
 */
export class ResilienceError extends GoldenError<ResilienceErrorCode> {
  /** The name of the policy that refused or ended the call. */
  readonly policy: string

  constructor(init: ResilienceErrorInit) {
    const { code, message, policy, retryAfterMs, cause } = init
    const limit = Error.stackTraceLimit
    if (init.hasStack === false) Error.stackTraceLimit = 0
    super({
      code,
      message,
      retryable: RETRYABLE.has(code),
      details: retryAfterMs === undefined ? { policy } : { policy, retryAfterMs },
      cause,
    })
    if (init.hasStack === false) Error.stackTraceLimit = limit
    this.policy = policy
  }
}
