import { studentQuantile } from './student-quantile.ts'
import type { Interval } from './wilson-interval.ts'

/** A mean of at least 2 samples, with their standard deviation (of the sample, divided by n - 1). */
export interface SampleMean {
  readonly samples: number
  readonly mean: number
  readonly standardDeviation: number
}

/**
 * The interval of the difference `a` minus `b` of the means of two independent samples whose spreads may differ, at a
 * two-sided `confidence`. Source: B. L. Welch, Biometrika 34 (1947) 28–35, with the degrees of freedom of Satterthwaite 1946.
 */
export function meanDifferenceInterval(a: SampleMean, b: SampleMean, confidence: number): Interval {
  const difference = a.mean - b.mean
  const spreadA = a.standardDeviation ** 2 / a.samples
  const spreadB = b.standardDeviation ** 2 / b.samples
  const spread = spreadA + spreadB
  if (spread === 0) return { lower: difference, upper: difference }
  const degrees = 1 / ((spreadA / spread) ** 2 / (a.samples - 1) + (spreadB / spread) ** 2 / (b.samples - 1))
  const half = studentQuantile((1 + confidence) / 2, degrees) * Math.sqrt(spread)
  return { lower: difference - half, upper: difference + half }
}
