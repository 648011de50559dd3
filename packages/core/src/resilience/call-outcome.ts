import { isGoldenError, isUnsentFailure } from '../errors/index.ts'
import type { Logger } from '../observability/index.ts'
import { TimeError } from '../time/index.ts'

/** What a call says about the service it went to: that it works, that it does not, or nothing. */
export type CallOutcome = 'success' | 'failure' | 'ignored'

/** What decides on outcomes, and where its own failures are told. */
export interface OutcomeRules {
  readonly outcomeOfError: (error: unknown) => CallOutcome
  readonly isFailure: ((result: unknown) => boolean) | undefined
  readonly logger: Logger
}

/** Refusals by a policy inside the breaker: the service was never asked. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'BULKHEAD_FULL',
  'THROTTLED',
  'CIRCUIT_OPEN',
  'CIRCUIT_ISOLATED',
  'CIRCUIT_NOT_FOUND',
])

/**
 * What an error says unless told otherwise: a failure, save for a refusal by a bulkhead, throttle, breaker or budget that the
 * call itself met, which says nothing.
 */
export function outcomeOfError(error: unknown): CallOutcome {
  const isRefusal = isGoldenError(error) && NEVER_SENT.has(error.code)
  return isRefusal || isUnsentFailure(error) ? 'ignored' : 'failure'
}

/**
 * What the end of a call by its caller's signal says: a failure if the caller's time was up, as of
 * `AbortSignal.timeout` or of a timeout around the breaker; nothing if the caller lost interest.
 */
function outcomeOfAbort(reason: unknown): CallOutcome {
  if (isGoldenError(reason)) {
    return reason.code === 'TIMEOUT' || reason.code === 'DEADLINE_EXCEEDED' ? 'failure' : 'ignored'
  }
  return reason instanceof DOMException && reason.name === 'TimeoutError' ? 'failure' : 'ignored'
}

/** What a result says. */
export function readResult(result: unknown, { isFailure, logger }: OutcomeRules): CallOutcome {
  if (isFailure === undefined) return 'success'
  try {
    return isFailure(result) ? 'failure' : 'success'
  } catch (error) {
    logger.error({ err: error }, 'isFailure of a circuit threw')
    return 'ignored'
  }
}

/** What became of a call that failed: its outcome, and the error that its caller gets. */
export function readError(
  error: unknown,
  signal: AbortSignal | undefined,
  rules: OutcomeRules,
): { readonly outcome: CallOutcome; readonly error: unknown } {
  if (isGoldenError(error, 'PROBE_TIMEOUT')) return { outcome: 'failure', error }
  if (signal?.aborted) {
    const aborted = isGoldenError(error, 'ABORTED') ? error : TimeError.aborted(signal.reason)
    return { outcome: outcomeOfAbort(signal.reason), error: aborted }
  }
  try {
    return { outcome: rules.outcomeOfError(error), error }
  } catch (thrown) {
    rules.logger.error({ err: thrown }, 'outcomeOfError of a circuit threw')
    return { outcome: 'ignored', error }
  }
}
