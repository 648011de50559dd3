const encoder = new TextEncoder()

/**
 * Collects text as UTF-8 in a buffer of fixed size. The first character that does not fit ends the text: nothing
 * after it is taken, so what was kept is always a beginning of what was written. Lone surrogates become U+FFFD.
 */
export class OutputLimiter {
  readonly #buffer: Uint8Array
  #usedBytes = 0
  #isTruncated = false

  constructor(buffer: Uint8Array) {
    this.#buffer = buffer
  }

  /** Bytes kept so far. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Whether anything was left out. */
  get isTruncated(): boolean {
    return this.#isTruncated
  }

  /** Takes as much of `text` as fits. Costs no more than the room that is left, however long the text. */
  write(text: string): void {
    if (this.#isTruncated) return
    const { read, written } = encoder.encodeInto(text, this.#buffer.subarray(this.#usedBytes))
    this.#usedBytes += written
    this.#isTruncated = read < text.length
  }
}
