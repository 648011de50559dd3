/** How pauses grow from one failure to the next. */
export interface ExponentialDelay {
  /** Milliseconds after the first failure, before jitter. */
  readonly initialDelayMs: number
  /** Milliseconds at most, however many failures. */
  readonly maxDelayMs: number
}

/**
 * Milliseconds to wait after `failures` in a row (1 or more): doubling from the initial delay up to the maximum, of
 * which the upper half is random. `random` is a number from 0 to 1.
 */
export function exponentialDelayMs(failures: number, delay: ExponentialDelay, random: number): number {
  // Beyond 2^30 the maximum always holds; the cap keeps the power finite.
  const grown = delay.initialDelayMs * 2 ** Math.min(failures - 1, 30)
  const bounded = Math.min(grown, delay.maxDelayMs)
  return Math.round(bounded / 2 + (bounded / 2) * random)
}
