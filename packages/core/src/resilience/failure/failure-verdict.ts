/** What a failure says about doing the same call again. */
export type FailureVerdict =
  | {
      /** The same call would fail again, or must not be repeated. */
      readonly kind: 'final'
    }
  | {
      /** The same call may succeed later. */
      readonly kind: 'transient'
      /** Whether the failed call may have had its effect: `no` where it was certainly refused before any work. */
      readonly wasDone: 'no' | 'unknown'
      /** Whether nothing came back in time. A retry of it weighs double in a retry budget. */
      readonly isTimeout: boolean
      /** Whose failure it is, and whose word `retryAfterMs`: a policy's of ours, or the service's. */
      readonly by: 'policy' | 'service'
      /** Milliseconds after which whoever refused wants to be asked again. Default unknown. */
      readonly retryAfterMs?: number | undefined
    }

/** Judges the failure of a call. `now` is the wall clock's instant, which dates in headers are compared with. */
export type FailureClassifier = (error: unknown, now: Date) => FailureVerdict

/** The same call would fail again. */
export const FINAL: FailureVerdict = Object.freeze({ kind: 'final' })

/** The same call may succeed later. */
export function transient(
  wasDone: 'no' | 'unknown',
  facts: {
    isTimeout?: boolean | undefined
    by?: 'policy' | 'service' | undefined
    retryAfterMs?: number | undefined
  } = {},
): FailureVerdict {
  const { isTimeout = false, by = 'service', retryAfterMs } = facts
  return {
    kind: 'transient',
    wasDone,
    isTimeout,
    by,
    retryAfterMs,
  }
}
