import type { Clock, ScheduledTimer } from './clock.ts'
import { requireDelay } from './delay-rule.ts'

/**
 * The machine's own clock. A scheduled timer keeps the process alive until it fires or is called off; a delay outside 0
 * to 2^31 - 1 throws `INVALID_OPTION`, since Node would fire it at once.
 */
export const systemClock: Clock = Object.freeze({
  now: (): Date => new Date(),
  monotonicMs: (): number => performance.now(),
  schedule: (delayMs: number, callback: () => void): ScheduledTimer => {
    // setTimeout drops fractions of a millisecond, and would fire early.
    const timer = setTimeout(callback, Math.ceil(requireDelay(delayMs)))
    return {
      cancel: () => clearTimeout(timer),
      hold: (keepsAlive) => void (keepsAlive ? timer.ref() : timer.unref()),
    }
  },
})
