import { requireText } from '../errors/index.ts'

/** Names of circuits: one of them, or all that fit a text with `*` for any run of characters, none included. */
export class NamePattern {
  /** The pattern as it was given. */
  readonly text: string
  readonly #parts: readonly string[]

  /** @throws InvalidOptionError `INVALID_OPTION` on a pattern that is no text of 1 to 256 characters. */
  constructor(text: string) {
    this.text = requireText('pattern', text)
    this.#parts = text.split('*')
  }

  /** Whether it stands for one name alone. */
  get isName(): boolean {
    return this.#parts.length === 1
  }

  /** Takes time in proportion to the name's length times the pattern's. */
  matches(name: string): boolean {
    const [first = '', ...rest] = this.#parts
    const last = rest.pop()
    if (last === undefined) return name === first
    if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last))
      return false
    let from = first.length
    const end = name.length - last.length
    for (const part of rest) {
      const at = name.indexOf(part, from)
      if (at === -1 || at + part.length > end) return false
      from = at + part.length
    }
    return true
  }
}
