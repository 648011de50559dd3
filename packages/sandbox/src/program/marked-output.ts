/** What a {@link MarkedOutput} collects, and who hears of it. */
export interface MarkedOutputOptions {
  readonly mark: string
  readonly limitBytes: number
  /** Hears what was written, as it comes, cut between characters. Default nobody. */
  readonly onText?: (text: string) => void
  /** Takes the bytes that follow the mark. Default nobody. */
  readonly onAfterMark?: (data: Buffer) => void
}

/**
 * Collects the bytes of a stream up to a mark, or to a limit. What follows the mark is handed on. The mark is a random
 * word of the run; a guest that finds and writes it ends its own output early, no more.
 */
export class MarkedOutput {
  readonly #mark: Buffer
  readonly #limitBytes: number
  readonly #onText: (text: string) => void
  readonly #onAfterMark: (data: Buffer) => void
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  readonly #parts: string[] = []
  /** The end of what came so far, which may be the beginning of the mark. */
  #held: Buffer = Buffer.alloc(0)
  #usedBytes = 0
  #isMarked = false
  #isTruncated = false

  constructor({ mark, limitBytes, onText = () => {}, onAfterMark = () => {} }: MarkedOutputOptions) {
    this.#mark = Buffer.from(mark)
    this.#limitBytes = limitBytes
    this.#onText = onText
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
      const keep = this.#beginningAtEndOf(seen)
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

  /** Ends the stream and returns what was written up to the mark; also what may have become the mark and did not. */
  finish(): string {
    if (!this.#isMarked) this.#take(this.#held)
    this.#held = Buffer.alloc(0)
    // At the limit an unfinished character is left out; one that the guest itself left unfinished shows as U+FFFD.
    if (!this.#isTruncated) this.#tell(this.#decoder.decode())
    return this.#parts.join('')
  }

  /** Bytes at the end that are the beginning of the mark: all others can be told at once. */
  #beginningAtEndOf(data: Buffer): number {
    let length = Math.min(data.length, this.#mark.length - 1)
    while (length > 0 && !data.subarray(data.length - length).equals(this.#mark.subarray(0, length))) length--
    return length
  }

  #take(data: Buffer): void {
    const room = this.#limitBytes - this.#usedBytes
    if (data.length > room) this.#isTruncated = true
    const taken = data.subarray(0, room)
    this.#usedBytes += taken.length
    this.#tell(this.#decoder.decode(taken, { stream: true }))
  }

  #tell(text: string): void {
    if (text === '') return
    this.#parts.push(text)
    this.#onText(text)
  }
}
