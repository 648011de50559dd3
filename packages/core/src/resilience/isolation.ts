/** Holds a circuit open in this process until it is released. */
export interface Isolation {
  /** Lets go; the circuit closes with the last isolation. Without effect after the first time or after a reset. */
  release(): void
}
