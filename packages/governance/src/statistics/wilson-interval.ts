/** Two limits, the lower first. */
export interface Interval {
  readonly lower: number
  readonly upper: number
}

/** How often something held, of how many times: integers, `successes` at most `samples`, `samples` at least 1. */
export interface ShareCount {
  readonly samples: number
  readonly successes: number
}

/**
 * The score interval of a share, `z` being the quantile of the normal distribution (1.96 for 95 %). It never leaves 0 to 1
 * and holds for few samples and for shares at the ends too. Source: E. B. Wilson 1927.
 */
export function wilsonInterval({ samples, successes }: ShareCount, z: number): Interval {
  const share = successes / samples
  const spread = (z * z) / samples
  const centre = share + spread / 2
  const half = z * Math.sqrt((share * (1 - share) + spread / 4) / samples)
  return {
    lower: successes === 0 ? 0 : (centre - half) / (1 + spread),
    upper: successes === samples ? 1 : (centre + half) / (1 + spread),
  }
}
