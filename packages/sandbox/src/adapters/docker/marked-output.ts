/**
 * Collects the bytes of a stream up to a mark, or to a limit. What follows the mark is handed on. The mark is a random
 * word of the run; a guest that finds and writes it ends its own output early, no more.
 */
export class MarkedOutput {
  readonly #mark: Buffer
  readonly #limitBytes: number
  readonly #onAfterMark: (data: Buffer) => void
  readonly #parts: Buffer[] = []
  /** The end of what came so far, which may be the beginning of the mark. */
  #held: Buffer = Buffer.alloc(0)
  #usedBytes = 0
  #isMarked = false
  #isTruncated = false

  constructor(mark: string, limitBytes: number, onAfterMark: (data: Buffer) => void = () => {}) {
    this.#mark = Buffer.from(mark)
    this.#limitBytes = limitBytes
    this.#onAfterMark = onAfterMark
  }

  /** Whether the mark has come. */
  get isMarked(): boolean {
    return this.#isMarked
  }

  /** Whether more came than the limit takes. */
  get isTruncated(): boolean {
    return this.#isTruncated
  }

  /** Takes the next bytes. */
  push(data: Buffer): void {
    if (this.#isMarked) {
      this.#onAfterMark(data)
      return
    }
    const seen = Buffer.concat([this.#held, data])
    const at = seen.indexOf(this.#mark)
    if (at === -1) {
      const keep = Math.min(seen.length, this.#mark.length - 1)
      this.#held = Buffer.from(seen.subarray(seen.length - keep))
      this.#take(seen.subarray(0, seen.length - keep))
      return
    }
    this.#held = Buffer.alloc(0)
    this.#isMarked = true
    this.#take(seen.subarray(0, at))
    const after = seen.subarray(at + this.#mark.length)
    if (after.length > 0) this.#onAfterMark(after)
  }

  /** What was written up to the mark, cut between characters at the limit; also what may have become the mark and did not. */
  text(): string {
    if (!this.#isMarked) this.#take(this.#held)
    this.#held = Buffer.alloc(0)
    // As in a stream, an unfinished character at the end is left out.
    return new TextDecoder().decode(Buffer.concat(this.#parts), { stream: this.#isTruncated })
  }

  #take(data: Buffer): void {
    const room = this.#limitBytes - this.#usedBytes
    if (data.length > room) this.#isTruncated = true
    const taken = Buffer.from(data.subarray(0, room))
    this.#usedBytes += taken.length
    if (taken.length > 0) this.#parts.push(taken)
  }
}
