import { exponentialDelayMs as delayMs, type ExponentialDelay } from '@golden-arch/core/resilience'

/**
 * Milliseconds to wait after `failures` in a row (1 or more): doubling from the initial delay up to the maximum, of
 * which the upper half is random, so that an outage is never met with a busy loop. `random` is a number from 0 to 1.
 */
export function exponentialDelayMs(
  failures: number,
  delay: Pick<ExponentialDelay, 'initialDelayMs' | 'maxDelayMs'>,
  random: number,
): number {
  return delayMs(failures, { ...delay, factor: 2, jitter: 'equal' }, random)
}
