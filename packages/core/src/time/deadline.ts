import type { Clock } from './clock.ts'
import { systemClock } from './system-clock.ts'
import { TimeError } from './time-error.ts'

/** How long a call may take, and what else may end it. */
export interface DeadlineOptions {
  /** Milliseconds until the call is given up. */
  readonly timeoutMs: number
  /** The caller's own signal; either ends the call. */
  readonly signal?: AbortSignal | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/**
 * Runs `call` with a signal that fires at the deadline or with the caller's own signal, and stops waiting then,
 * whether `call` heeds the signal or not.
 * @throws TimeError `DEADLINE_EXCEEDED` (retryable) or `ABORTED`; whatever `call` throws before either.
 */
export async function withDeadline<T>(
  options: DeadlineOptions,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs, signal, clock = systemClock } = options
  if (signal?.aborted) throw TimeError.aborted(signal.reason)
  const controller = new AbortController()
  let giveUp: (error: TimeError) => void = () => {}
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = reject
  })
  const end = (error: TimeError): void => {
    giveUp(error)
    controller.abort(error)
  }
  const timer = clock.schedule(timeoutMs, () => end(TimeError.deadlineExceeded(timeoutMs)))
  const onAbort = (): void => end(TimeError.aborted(signal?.reason))
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([call(controller.signal), givenUp])
  } finally {
    timer.cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}
