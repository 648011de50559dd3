import type { Clock } from './clock.ts'
import { systemClock } from './system-clock.ts'
import { TimeError } from './time-error.ts'

/** How to wait. */
export interface SleepOptions {
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/**
 * Resolves after at least `delayMs` milliseconds.
 * @throws TimeError `ABORTED` as soon as the signal fires, at once if it already has.
 */
export function sleep(delayMs: number, options: SleepOptions = {}): Promise<void> {
  const { signal, clock = systemClock } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(TimeError.aborted(signal.reason))
      return
    }
    const onAbort = (): void => {
      timer.cancel()
      reject(TimeError.aborted(signal?.reason))
    }
    const timer = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
