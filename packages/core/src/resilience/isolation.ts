/** Holds a circuit open in this process until it is released. */
export interface Isolation {
  /**
   * Lets go; with the last isolation the circuit is again in the state in which it would be without one, what other
   * processes decided meanwhile included. Calls that began before count no more. Without effect after the first time,
   * or after an order or a reset of this process, which end all isolations.
   */
  release(): void
}
