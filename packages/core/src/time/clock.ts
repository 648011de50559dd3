/** A timer that can be called off. */
export interface ScheduledTimer {
  /** Calls the timer off; without effect once it has fired. */
  cancel(): void
  /** Says whether the timer, while it waits, keeps the process alive; it does until told otherwise. Absent where none does. */
  hold?(keepsAlive: boolean): void
}

/** Where the packages take time from, so that tests can hold it still. */
export interface Clock {
  /** The present instant, as the wall shows it. It may jump. */
  now(): Date
  /** Milliseconds since some fixed point; never goes back. Use it for durations. */
  monotonicMs(): number
  /** Calls `callback` once, after at least `delayMs` milliseconds (0 to 2^31 - 1). */
  schedule(delayMs: number, callback: () => void): ScheduledTimer
}
