import { InvalidOptionError } from '../errors/index.ts'

/** The longest delay that Node's timers can hold, in milliseconds: 24.8 days. A longer one would end at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1

/** @throws InvalidOptionError `INVALID_OPTION` on a delay that is no number from 0 to 2^31 - 1. */
export function requireDelay(delayMs: number): number {
  if (typeof delayMs === 'number' && delayMs >= 0 && delayMs <= MAX_TIMER_MS) return delayMs
  throw new InvalidOptionError('delayMs', `a number from 0 to ${MAX_TIMER_MS}`, delayMs)
}
