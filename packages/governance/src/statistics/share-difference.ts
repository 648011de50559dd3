import { type Interval, type ShareCount, wilsonInterval } from './wilson-interval.ts'

/**
 * The hybrid score interval of the difference `a` minus `b` of two independent shares, without continuity correction.
 * Source: R. G. Newcombe, Statistics in Medicine 17 (1998) 873–890, method 10.
 */
export function shareDifferenceInterval(a: ShareCount, b: ShareCount, z: number): Interval {
  const shareA = a.successes / a.samples
  const shareB = b.successes / b.samples
  const intervalA = wilsonInterval(a, z)
  const intervalB = wilsonInterval(b, z)
  const difference = shareA - shareB
  return {
    lower: difference - Math.hypot(shareA - intervalA.lower, intervalB.upper - shareB),
    upper: difference + Math.hypot(intervalA.upper - shareA, shareB - intervalB.lower),
  }
}
