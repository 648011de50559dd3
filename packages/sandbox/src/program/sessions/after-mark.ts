/** Drops the bytes of a stream up to and with a mark, and hands on the rest. */
export class AfterMark {
  readonly #mark: Buffer
  readonly #onData: (data: Buffer) => void
  #held: Buffer = Buffer.alloc(0)
  #isMarked = false

  constructor(mark: string, onData: (data: Buffer) => void) {
    this.#mark = Buffer.from(mark)
    this.#onData = onData
  }

  /** Takes the next bytes; keeps fewer than the mark has. */
  push(data: Buffer): void {
    if (this.#isMarked) {
      this.#onData(data)
      return
    }
    const seen = Buffer.concat([this.#held, data])
    const at = seen.indexOf(this.#mark)
    if (at === -1) {
      this.#held = Buffer.from(seen.subarray(Math.max(0, seen.length - this.#mark.length + 1)))
      return
    }
    this.#held = Buffer.alloc(0)
    this.#isMarked = true
    const rest = seen.subarray(at + this.#mark.length)
    if (rest.length > 0) this.#onData(rest)
  }
}
