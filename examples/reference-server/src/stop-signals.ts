/** A process that was told twice to stop, or while it started, ends as one that was killed: 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/** What is done at a signal; it may end the process at once. */
export type StopReaction = (endNow: () => never) => void

let reaction: StopReaction = (endNow) => endNow()

/**
 * Hears the signals that mean a stop from now on. The first process of a container is not ended by what it does not hear, so
 * that one that is told while it still reads its sources would go on.
 */
export function hearStopSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => reaction(() => process.exit(EXIT_CODES[signal])))
  }
}

/** Does something else at a signal than ending at once. */
export function reactToStopSignals(other: StopReaction): void {
  reaction = other
}
