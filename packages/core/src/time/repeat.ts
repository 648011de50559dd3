import { Bell } from './bell.ts'
import type { Clock } from './clock.ts'
import { type ExponentialDelay, exponentialDelayMs } from './exponential-delay.ts'
import { systemClock } from './system-clock.ts'

/** What a round that failed is followed by. */
export interface RoundFailure {
  /** Rounds that have failed in a row, this one included. */
  readonly failures: number
  /** Milliseconds until the next. */
  readonly delayMs: number
}

/** How rounds are repeated. */
export interface RepeatOptions {
  /** Ends the pause at once, and the rounds after the one at hand. */
  readonly signal: AbortSignal
  /** Milliseconds between a round that had nothing more to do and the next. */
  readonly pollIntervalMs: number
  /** Told of each round that failed, save those that the signal ended. */
  readonly onFailure: (error: unknown, failure: RoundFailure) => void
  /** How long failures pause. Default from 500 milliseconds, doubled up to 30 seconds. */
  readonly backoff?: ExponentialDelay | undefined
  /** Ends a pause when it is rung. Default: none. */
  readonly bell?: Bell | undefined
  /** Where pauses come from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** A number from 0 to 1 for the pause after a failure. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

const BACKOFF: ExponentialDelay = Object.freeze({ initialDelayMs: 500, maxDelayMs: 30_000 })

/**
 * Does `round` at once and then again and again until the signal fires; resolves when the round at hand has ended. A round
 * that answers `true` has more to do and is followed at once. One that throws is told, and followed after a pause that
 * grows with each failure in a row.
 */
export async function repeat(
  round: (signal: AbortSignal) => Promise<unknown>,
  options: RepeatOptions,
): Promise<void> {
  const { signal, pollIntervalMs, onFailure, backoff = BACKOFF, clock = systemClock } = options
  const { bell = new Bell(clock), random = Math.random } = options
  let failures = 0
  while (!signal.aborted) {
    let delayMs = pollIntervalMs
    try {
      const hasMore = await round(signal)
      failures = 0
      if (hasMore === true) continue
    } catch (error) {
      // What fails while everything is being stopped is an ordinary end.
      if (signal.aborted) return
      failures++
      delayMs = exponentialDelayMs(failures, backoff, random())
      onFailure(error, { failures, delayMs })
    }
    await bell.wait(delayMs, signal)
  }
}
