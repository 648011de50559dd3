import { isGoldenError, retryOf } from '../../errors/index.ts'
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
  /** The work gave the step back before it began. */
  | { readonly kind: 'hold-back'; readonly afterMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'lost' }

/** Where work that gives its step back does not say for how long. */
const HOLD_BACK_MS = 1000

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
  const retry = retryOf(end.error)
  if (isGoldenError(end.error, 'STEP_NOT_NOW'))
    return { kind: 'hold-back', afterMs: retry.retryAfterMs ?? HOLD_BACK_MS }
  return { kind: 'fail', error: end.error, ...retry }
}
