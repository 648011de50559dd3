/**
 * Cuts a stream of server-sent events into the data of each, as the standard says (WHATWG HTML, 9.2): lines end with LF,
 * CR or both, an empty line ends an event, its `data` lines belong together. An event of more than `maxLength`
 * characters is left out.
 */
export class EventReader {
  readonly #maxLength: number
  readonly #take: (data: string) => void
  readonly #decoder = new TextDecoder()
  #line = ''
  #data: string[] = []
  #lineLength = 0
  #eventLength = 0
  /** The CR of a CR LF may come in one piece and its LF in the next. */
  #endedWithReturn = false

  constructor(maxLength: number, take: (data: string) => void) {
    this.#maxLength = maxLength
    this.#take = take
  }

  /** Reads the next piece. */
  push(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes, { stream: true })
    if (text === '') return
    if (this.#endedWithReturn && text.startsWith('\n')) text = text.slice(1)
    this.#endedWithReturn = text.endsWith('\r')
    const lines = text.split(/\r\n|\r|\n/)
    const last = lines.pop() ?? ''
    for (const line of lines) {
      this.#add(line)
      this.#endLine()
    }
    this.#add(last)
  }

  /** The stream has ended. What no empty line ended is still read: providers are known to leave it out. */
  end(): void {
    this.push(new TextEncoder().encode('\n\n'))
  }

  #add(text: string): void {
    this.#lineLength += text.length
    this.#eventLength += text.length
    if (this.#eventLength <= this.#maxLength) this.#line += text
  }

  #endLine(): void {
    if (this.#lineLength === 0) this.#endEvent()
    else if (this.#line.startsWith('data:')) this.#data.push(this.#line.slice(this.#line[5] === ' ' ? 6 : 5))
    this.#line = ''
    this.#lineLength = 0
  }

  #endEvent(): void {
    if (this.#data.length > 0 && this.#eventLength <= this.#maxLength) this.#take(this.#data.join('\n'))
    this.#data = []
    this.#eventLength = 0
  }
}
