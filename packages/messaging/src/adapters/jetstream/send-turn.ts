/**
 * Keeps what is to be sent until the end of the event loop's turn, and sends it at one go. The client writes to its
 * socket after each microtask that sent something; callers that were set free together would otherwise cost a system
 * call each, on both sides. What waits is bounded by the callers, each of whom waits for its own.
 */
export class SendTurn {
  #waiting: (() => void)[] = []

  /** Calls `send`, which must not throw, after those that were added before it. */
  add(send: () => void): void {
    if (this.#waiting.push(send) === 1) setImmediate(() => this.#end())
  }

  #end(): void {
    const sends = this.#waiting
    this.#waiting = []
    for (const send of sends) send()
  }
}
