import { requireInteger, withDefaults } from '../../errors/index.ts'
import { findPrivateKeys } from './find-private-keys.ts'
import type { SecretSpan } from './secret-span.ts'

/** How a stream is redacted. */
export interface StreamRedactorOptions {
  /**
   * Most text held back, in UTF-16 code units, 1024 to 10000000. Default 65536. A longer line is cut, at a blank where
   * there is one; a secret that is longer than this is hidden up to the next blank.
   */
  readonly maxHeldCharacters?: number | undefined
}

const DEFAULTS = Object.freeze({ maxHeldCharacters: 65_536 })

/** What a stream asks of its redactor. */
interface TextRedactor {
  redact(text: string): { readonly text: string; readonly secrets: readonly SecretSpan[] }
}

/** How much of an over-long line stays held, for a secret that begins there. */
const HELD_TAIL_SHARE = 4
/** The longest text before a secret that its form asks for, such as the name of a variable. */
const MAX_ANNOUNCEMENT = 64

/**
 * Redacts a text that comes in pieces. Whole lines are given out as they come, a private key once it is complete, so that
 * the pieces together are what the text as a whole would give. Made by `Redactor.stream`; for one text.
 */
export class StreamRedactor {
  readonly #redactor: TextRedactor
  readonly #maxHeld: number
  #held = ''
  /** Whether the rest of a secret too long to be held is still to come. */
  #isSwallowing = false

  /** For `Redactor.stream`. @throws InvalidOptionError `INVALID_OPTION` on an option out of range. */
  constructor(redactor: TextRedactor, options: StreamRedactorOptions = {}) {
    this.#redactor = redactor
    const { maxHeldCharacters } = withDefaults(options, DEFAULTS)
    this.#maxHeld = requireInteger('maxHeldCharacters', maxHeldCharacters, {
      min: 1024,
      max: 10_000_000,
    })
  }

  /** Takes the next piece and gives out what is certain by now, possibly nothing. */
  push(piece: string): string {
    let out = ''
    // Each round holds little more than the limit, so that one huge piece costs no more than many small ones.
    for (let from = 0; from < piece.length; from += this.#maxHeld) {
      out += this.#take(piece.slice(from, from + this.#maxHeld))
    }
    return out
  }

  /** Gives out what was held back. The stream takes no more. */
  end(): string {
    const { text } = this.#redactor.redact(this.#held)
    this.#held = ''
    return text
  }

  #take(piece: string): string {
    this.#held += this.#isSwallowing ? this.#swallow(piece) : piece
    const cut = this.#certainUpTo(piece)
    const out = cut > 0 ? this.#giveOut(cut) : ''
    return this.#held.length > this.#maxHeld ? out + this.#giveOutTooLong() : out
  }

  /** No secret but a private key goes on over a line's end. */
  #certainUpTo(piece: string): number {
    if (!/[\r\n]/.test(piece)) return 0
    let cut = this.#held.lastIndexOf('\n') + 1
    for (const { start, end, isOpen } of findPrivateKeys(this.#held).reverse()) {
      if (start < cut && (isOpen || end > cut)) cut = this.#held.lastIndexOf('\n', start) + 1
    }
    return cut
  }

  #giveOut(length: number): string {
    const { text } = this.#redactor.redact(this.#held.slice(0, length))
    this.#held = this.#held.slice(length)
    return text
  }

  #giveOutTooLong(): string {
    const { secrets } = this.#redactor.redact(this.#held)
    let cut = this.#blankBefore(this.#held.length - Math.floor(this.#maxHeld / HELD_TAIL_SHARE))
    for (const secret of [...secrets].reverse()) {
      // What announces a secret stays together with it.
      if (secret.start - MAX_ANNOUNCEMENT >= cut || secret.end <= cut) continue
      cut = this.#blankBefore(secret.start - MAX_ANNOUNCEMENT)
      if (cut > 0) continue
      this.#isSwallowing = secret.end === this.#held.length
      return this.#giveOut(secret.end)
    }
    return this.#giveOut(cut)
  }

  /** Where a word begins at or before `index`; `index` itself where no blank is near. */
  #blankBefore(index: number): number {
    const blank =
      Math.max(this.#held.lastIndexOf(' ', index - 1), this.#held.lastIndexOf('\n', index - 1)) + 1
    return index - blank < MAX_ANNOUNCEMENT ? blank : index
  }

  #swallow(piece: string): string {
    const end = piece.search(/\s/)
    this.#isSwallowing = end === -1
    return end === -1 ? '' : piece.slice(end)
  }
}
