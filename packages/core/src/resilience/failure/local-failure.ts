import { isGoldenError, isUnsentFailure } from '../../errors/index.ts'
import { type FailureVerdict, FINAL, transient } from './failure-verdict.ts'
import { fieldOf } from './field-of.ts'
import { isStreamedFailure } from './streamed-failure.ts'

/** Codes of refusals that come before the call is made. */
const REFUSED: ReadonlySet<string> = new Set(['CIRCUIT_OPEN', 'BULKHEAD_FULL', 'THROTTLED'])
const TIMED_OUT: ReadonlySet<string> = new Set(['TIMEOUT', 'PROBE_TIMEOUT', 'DEADLINE_EXCEEDED'])
const ABORT_NAMES: ReadonlySet<unknown> = new Set(['AbortError', 'APIUserAbortError'])

/**
 * The verdict on what our own packages, an abort or a stream says; undefined where the failure must be read off what the
 * other side answered.
 */
export function localVerdict(error: unknown): FailureVerdict | undefined {
  if (isStreamedFailure(error)) return FINAL
  if (isGoldenError(error)) {
    if (!error.retryable) return FINAL
    const isRefusal = REFUSED.has(error.code)
    return transient(isRefusal || isUnsentFailure(error) ? 'no' : 'unknown', {
      // When a circuit whose probe has hung may be asked again is the circuit's word, too.
      by: isRefusal || error.code === 'PROBE_TIMEOUT' ? 'policy' : 'service',
      isTimeout: TIMED_OUT.has(error.code),
      retryAfterMs: error.retryAfterMs,
    })
  }
  const isAbort =
    ABORT_NAMES.has(fieldOf(error, 'name')) || ABORT_NAMES.has(fieldOf(fieldOf(error, 'constructor'), 'name'))
  return isAbort ? FINAL : undefined
}
