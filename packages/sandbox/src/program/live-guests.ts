/** Guests of one backend, from their start to their certain end. */
export class LiveGuests<Guest extends { remove(): Promise<void> }> {
  readonly #onLeft: (cause: unknown, guest: Guest) => void
  readonly #live = new Set<Guest>()
  readonly #starting = new Set<Promise<unknown>>()
  readonly #removals = new Set<Promise<void>>()

  /** `onLeft` hears of a guest that could not be removed. */
  constructor(onLeft: (cause: unknown, guest: Guest) => void) {
    this.#onLeft = onLeft
  }

  /** Guests that are live or being removed. */
  get count(): number {
    return this.#live.size + this.#removals.size
  }

  /** Whether it was added and is not to be removed yet. */
  has(guest: Guest): boolean {
    return this.#live.has(guest)
  }

  /** Takes charge of a guest that runs. */
  add(guest: Guest): void {
    this.#live.add(guest)
  }

  /** Has {@link close} wait for a start, which adds the guest before it resolves. */
  follow(starting: Promise<Guest>): Promise<Guest> {
    this.#starting.add(starting)
    const forget = (): void => void this.#starting.delete(starting)
    starting.then(forget, forget)
    return starting
  }

  /** Removes a guest, in the background; `onGone` hears when that is over, however it went. Harmless twice. */
  remove(guest: Guest, onGone: () => void = () => {}): void {
    if (!this.#live.delete(guest)) return
    const removal = guest
      .remove()
      .catch((cause: unknown) => this.#onLeft(cause, guest))
      .finally(() => {
        this.#removals.delete(removal)
        onGone()
      })
    this.#removals.add(removal)
  }

  /** Waits until fewer than `count` guests are being removed. */
  async whenFewerRemovals(count: number): Promise<void> {
    while (this.#removals.size >= count) await Promise.race(this.#removals)
  }

  /** Lets starts come to their end, then has every guest removed by `remove`, and waits until they are gone. */
  async close(remove: (guest: Guest) => void): Promise<void> {
    await Promise.allSettled(this.#starting)
    for (const guest of this.#live) remove(guest)
    await Promise.allSettled(this.#removals)
  }
}
