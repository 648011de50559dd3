import type { Logger } from '@golden-arch/core/observability'
import { type Clock, exponentialDelayMs, sleep, systemClock } from '@golden-arch/core/time'

/** How a loop is kept running. */
export interface KeepRunningOptions {
  /** What it does, for the log. */
  readonly task: string
  readonly signal: AbortSignal
  readonly logger: Logger
  /** Default the system clock. */
  readonly clock?: Clock
  /** Numbers from 0 to 1 that spread the pauses. Default `Math.random`. */
  readonly random?: () => number
}

const PAUSE = { initialDelayMs: 500, maxDelayMs: 15_000 }

/** Runs a loop until the signal fires, and again after a pause where it throws or ends before: an outage is not its end. */
export async function keepRunning(
  options: KeepRunningOptions,
  run: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const { task, signal, logger, clock = systemClock, random = Math.random } = options
  for (let failures = 1; !signal.aborted; failures++) {
    const startedMs = clock.monotonicMs()
    try {
      await run(signal)
      if (!signal.aborted) logger.warn({ task }, 'a loop ended before its time')
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, task }, 'a loop failed and is begun anew')
    }
    if (clock.monotonicMs() - startedMs > PAUSE.maxDelayMs) failures = 1
    const pauseMs = exponentialDelayMs(failures, PAUSE, random())
    await sleep(pauseMs, { signal, clock }).catch(() => undefined)
  }
}

/** Does something at once and then at each interval until the signal fires; a failure is told and tried again. */
export async function repeat(
  options: KeepRunningOptions & { readonly intervalMs: number },
  round: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const { task, signal, logger, intervalMs, clock = systemClock } = options
  while (!signal.aborted) {
    try {
      await round(signal)
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, task }, 'a round failed and is tried again')
    }
    await sleep(intervalMs, { signal, clock }).catch(() => undefined)
  }
}
