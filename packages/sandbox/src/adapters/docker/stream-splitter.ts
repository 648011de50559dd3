const HEADER_BYTES = 8

/** Takes the engine's stream of a container apart into standard output (1) and standard error (2), keeping nothing. */
export class StreamSplitter {
  readonly #onData: (stream: 1 | 2, data: Buffer) => void
  #header: Buffer = Buffer.alloc(0)
  #stream: 1 | 2 = 1
  #leftBytes = 0

  constructor(onData: (stream: 1 | 2, data: Buffer) => void) {
    this.#onData = onData
  }

  /** Takes the next piece of the engine's stream, cut wherever it may be. */
  push(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#leftBytes === 0) {
        const missing = HEADER_BYTES - this.#header.length
        this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)])
        rest = rest.subarray(missing)
        if (this.#header.length < HEADER_BYTES) return
        this.#stream = this.#header[0] === 2 ? 2 : 1
        this.#leftBytes = this.#header.readUInt32BE(4)
        this.#header = Buffer.alloc(0)
        continue
      }
      const data = rest.subarray(0, this.#leftBytes)
      rest = rest.subarray(data.length)
      this.#leftBytes -= data.length
      this.#onData(this.#stream, data)
    }
  }
}
