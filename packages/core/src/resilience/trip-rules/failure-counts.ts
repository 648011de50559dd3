import type { TripCounter, TripRule } from './trip-rule.ts'

/** What counts the failures of one circuit. */
export interface FailureCountsOptions {
  /** Consecutive failures that open the circuit; `Infinity` where they do not. */
  readonly failureThreshold: number
  readonly tripRules: readonly TripRule[]
}

/** The failures of one circuit: those in a row, and what each rule counts. */
export class FailureCounts {
  readonly #options: FailureCountsOptions
  readonly #counters: readonly TripCounter[] | undefined
  #consecutive = 0

  constructor(options: FailureCountsOptions) {
    this.#options = options
    const { tripRules } = options
    this.#counters = tripRules.length === 0 ? undefined : tripRules.map((rule) => rule.open())
  }

  /** Failures since the last success. */
  get consecutive(): number {
    return this.#consecutive
  }

  /** Whether a rule wants to know how long calls take, and when they ended. */
  get isTimed(): boolean {
    return this.#counters !== undefined
  }

  /** Counts a call towards the consecutive failures alone. */
  note(isFailure: boolean): void {
    this.#consecutive = isFailure ? this.#consecutive + 1 : 0
  }

  /** Counts a call; gives the name of the rule that opens the circuit, if one does. */
  record(isFailure: boolean, durationMs: number, endedMs: number): string | undefined {
    this.note(isFailure)
    let reason = this.#consecutive >= this.#options.failureThreshold ? 'consecutive-failures' : undefined
    if (this.#counters === undefined) return reason
    for (const [index, counter] of this.#counters.entries()) {
      // Every rule counts every call, also after one has spoken.
      if (counter.record(isFailure, durationMs, endedMs)) reason ??= this.#options.tripRules[index]?.name
    }
    return reason
  }

  clear(): void {
    this.#consecutive = 0
    for (const counter of this.#counters ?? []) counter.clear()
  }
}
