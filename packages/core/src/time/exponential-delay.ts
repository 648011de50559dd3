/**
 * Which part of a delay is random: `full` all of it, `equal` its upper half, `none` nothing. The first two are named as
 * in the AWS Architecture Blog's article on exponential backoff.
 */
export type Jitter = 'full' | 'equal' | 'none'

/** How delays grow from one failure to the next. */
export interface ExponentialDelay {
  /** Milliseconds after the first failure, before jitter. */
  readonly initialDelayMs: number
  /** Milliseconds at most, however many failures. */
  readonly maxDelayMs: number
  /** What each further failure multiplies the delay by. Default 2. */
  readonly factor?: number
  /** Default `equal`: an outage is never met with a busy loop. */
  readonly jitter?: Jitter
}

/** Beyond this many doublings any maximum holds; the cap keeps the power finite. */
const MAX_GROWTH = 2 ** 40

/**
 * Whole milliseconds to wait after `failures` in a row (1 or more): growing from the initial delay up to the maximum,
 * then made random. `random` is a number from 0 to 1.
 */
export function exponentialDelayMs(failures: number, delay: ExponentialDelay, random: number): number {
  const { initialDelayMs, maxDelayMs, factor = 2, jitter = 'equal' } = delay
  const growth = Math.min(factor ** Math.max(failures - 1, 0), MAX_GROWTH)
  const boundMs = Math.min(initialDelayMs * growth, maxDelayMs)
  if (jitter === 'full') return Math.round(boundMs * random)
  return Math.round(jitter === 'none' ? boundMs : boundMs / 2 + (boundMs / 2) * random)
}
