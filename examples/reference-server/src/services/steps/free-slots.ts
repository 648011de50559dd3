/** A bounded number of places, handed out in the order of asking. */
export class FreeSlots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** How many places nobody has. */
  get free(): number {
    return this.#free
  }

  /** Takes a place where one is free. */
  tryTake(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  /** Waits for a place; false where the signal fired first. */
  async take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    if (this.tryTake()) return true
    return new Promise((resolve) => {
      const onPlace = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve(true)
      }
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(onPlace), 1)
        resolve(false)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(onPlace)
    })
  }

  /** Gives a place back: to the one who has waited longest, if anybody does. */
  give(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
