import { isGoldenError } from '../../errors/index.ts'
import { TimeError } from '../../time/index.ts'

/** Why a run was told to end before its work had. */
export type RunCause = 'cancelled' | 'lost' | 'deadline' | 'stopped'

/** How the work of a run ended. `abandoned`: it did not, in the time that it had after it was told to. */
export type WorkEnd<Result> =
  | { readonly kind: 'resolved'; readonly result: Result }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'abandoned' }

/** What is to be written of a run. */
export type RunEnd<Result> =
  | { readonly kind: 'finish'; readonly result: Result }
  | {
      readonly kind: 'fail'
      readonly error: unknown
      readonly retryable: boolean
      readonly retryAfterMs?: number
    }
  | { readonly kind: 'release' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'lost' }

const MAX_RETRY_AFTER_MS = 86_400_000

/** What is to be written of a run whose work ended so, told to by `cause` where it was. */
export function decideRunEnd<Result>(
  end: WorkEnd<Result>,
  cause: RunCause | undefined,
  timeoutMs: number,
): RunEnd<Result> {
  if (cause === 'cancelled') return { kind: 'cancelled' }
  // Work that was done is kept, late or not: the fence says whether it still counts.
  if (end.kind === 'resolved') return { kind: 'finish', result: end.result }
  if (cause === 'lost') return { kind: 'lost' }
  if (cause === 'deadline')
    return { kind: 'fail', error: TimeError.deadlineExceeded(timeoutMs), retryable: true }
  // Work that goes on keeps its step until the lease lapses: given back, it would run beside another.
  if (end.kind === 'abandoned') return { kind: 'lost' }
  if (cause === 'stopped') return { kind: 'release' }
  if (isGoldenError(end.error, 'STEP_LEASE_LOST')) {
    return { kind: end.error.details.state === 'cancelled' ? 'cancelled' : 'lost' }
  }
  return { kind: 'fail', error: end.error, ...retryOf(end.error) }
}

function retryOf(error: unknown): { readonly retryable: boolean; readonly retryAfterMs?: number } {
  if (!isGoldenError(error)) return { retryable: true }
  const { retryAfterMs } = error.details
  const isPause = Number.isSafeInteger(retryAfterMs) && Number(retryAfterMs) >= 0
  return {
    // A statement whose answer was lost leaves no more in doubt than the death of a run, after which the step runs again.
    retryable: error.retryable || error.code === 'OUTCOME_UNKNOWN',
    ...(isPause ? { retryAfterMs: Math.min(Number(retryAfterMs), MAX_RETRY_AFTER_MS) } : {}),
  }
}
