interface Waiter {
  readonly isAlone: boolean
  readonly admit: (isAdmitted: boolean) => void
}

/**
 * Bounds how many handlers run at once, in order of arrival. One that asks to be alone waits until no other runs, and
 * none starts beside it.
 */
export class HandlerSlots {
  readonly #maxConcurrent: number
  readonly #waiting: Waiter[] = []
  #running = 0
  #isTakenAlone = false
  #isClosed = false

  constructor(maxConcurrent: number) {
    this.#maxConcurrent = maxConcurrent
  }

  /** Resolves with true once a handler may start, with false if none starts any more. */
  acquire(isAlone: boolean): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false)
    return new Promise((admit) => {
      this.#waiting.push({ isAlone, admit })
      this.#admit()
    })
  }

  /** Tells that a handler has ended. */
  release(): void {
    this.#running--
    this.#isTakenAlone = false
    this.#admit()
  }

  /** Starts no more; who waits is told so at once. */
  close(): void {
    this.#isClosed = true
    for (const { admit } of this.#waiting.splice(0)) admit(false)
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const isFree = next.isAlone ? this.#running === 0 : this.#running < this.#maxConcurrent
      if (this.#isTakenAlone || !isFree) return
      this.#waiting.shift()
      this.#running++
      this.#isTakenAlone = next.isAlone
      next.admit(true)
    }
  }
}
