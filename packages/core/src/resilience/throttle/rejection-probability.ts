/** What became of the calls to one service in the recent past. */
export interface ThrottleCounts {
  /** Calls that were wanted, those refused here included. */
  readonly requests: number
  /** Calls that the service took. */
  readonly accepts: number
}

/**
 * The share of calls to refuse before they are made, from 0 to below 1, as in "Handling Overload" of Google's Site
 * Reliability Engineering: none while at least every `multiplier`th call is taken, more the fewer are.
 */
export function rejectionProbability({ requests, accepts }: ThrottleCounts, multiplier: number): number {
  return Math.max(0, (requests - multiplier * accepts) / (requests + 1))
}
