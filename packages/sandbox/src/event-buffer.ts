/** Events between one who pushes them and one who iterates over them, in order. Whoever pushes keeps their number bounded. */
export class EventBuffer<Event> implements AsyncIterable<Event> {
  readonly #events: Event[] = []
  #ending: { readonly error?: unknown } | undefined
  #wake: (() => void) | undefined

  /** Adds an event. */
  push(event: Event): void {
    this.#events.push(event)
    this.#wake?.()
  }

  /** Nothing more is to come. */
  end(): void {
    this.#ending = {}
    this.#wake?.()
  }

  /** Nothing more is to come: whoever iterates gets this error after the last event. */
  fail(error: unknown): void {
    this.#ending = { error }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    for (;;) {
      yield* this.#events.splice(0)
      if (this.#events.length > 0) continue
      if (this.#ending !== undefined) break
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if ('error' in this.#ending) throw this.#ending.error
  }
}
