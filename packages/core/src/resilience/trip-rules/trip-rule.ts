/** When failures open a circuit: a rule that each breaker opens a counter of its own for. */
export interface TripRule {
  /** Names the rule as the reason of an open circuit, in kebab-case. */
  readonly name: string
  /** A counter for one breaker, empty. */
  open(): TripCounter
}

/** Counts the calls of one breaker. */
export interface TripCounter {
  /**
   * Counts a call that ended, and says whether the circuit opens now. Called for every success and failure while the
   * circuit is closed, with milliseconds of the breaker's monotonic clock; must not throw.
   */
  record(isFailure: boolean, durationMs: number, nowMs: number): boolean
  /** Forgets everything, as when the circuit closes again. */
  clear(): void
}
