import { styleText } from 'node:util'
import { jsonDocument } from './json-document.ts'
import { maskSecrets } from './mask-secrets.ts'

/** The subset of a stream of the process that we need: `process.stdout` fits as it is. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Colours that lines are written in. */
export type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold'

/** Where a terminal's output goes, and in which form. */
export interface TerminalOptions {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** One JSON document in place of lines. */
  readonly isJson: boolean
  /** Whether colours may be used where the stream is a terminal. */
  readonly isColourAllowed: boolean
}

const CLEAR_LINE = '\r\u001b[2K'

/** What the commands say: lines on stdout, progress and complaints on stderr. No password of an address passes it. */
export class Terminal {
  readonly isJson: boolean
  readonly #stdout: OutputStream
  readonly #stderr: OutputStream
  readonly #isColourAllowed: boolean
  #isProgressShown = false

  constructor(options: TerminalOptions) {
    this.isJson = options.isJson
    this.#stdout = options.stdout
    this.#stderr = options.stderr
    this.#isColourAllowed = options.isColourAllowed
  }

  /** Writes a line for a person; nothing where JSON was asked for. */
  say(line: string): void {
    if (!this.isJson) this.#write(this.#stdout, line)
  }

  /** Writes a line on stderr; nothing where JSON was asked for. */
  complain(line: string): void {
    if (!this.isJson) this.#write(this.#stderr, line)
  }

  /** Writes `value` as the one JSON document of this run. */
  document(value: unknown): void {
    this.#write(this.#stdout, jsonDocument(value))
  }

  /** Shows what is being done, on a terminal alone, until the next line comes. */
  progress(text: string): void {
    if (this.isJson || this.#stderr.isTTY !== true) return
    const width = (this.#stderr.columns ?? 80) - 1
    this.#stderr.write(`${CLEAR_LINE}${maskSecrets(text).slice(0, width)}`)
    this.#isProgressShown = true
  }

  /** Takes the last progress away. */
  clearProgress(): void {
    if (this.#isProgressShown) this.#stderr.write(CLEAR_LINE)
    this.#isProgressShown = false
  }

  /** `text` in a colour, where stdout shows colours. */
  paint(colour: Colour, text: string): string {
    const shows = this.#isColourAllowed && !this.isJson && this.#stdout.isTTY === true
    return shows ? styleText(colour, text, { validateStream: false }) : text
  }

  #write(stream: OutputStream, text: string): void {
    this.clearProgress()
    stream.write(`${maskSecrets(text)}\n`)
  }
}
