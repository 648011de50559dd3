import type { SqlToken } from './sql-scanner.ts'

/** Reads a statement from left to right. */
export class StatementWords {
  readonly #tokens: readonly SqlToken[]
  #next = 0

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens
  }

  isNext(text: string): boolean {
    const token = this.#tokens[this.#next]
    return token !== undefined && token.kind !== 'quoted' && token.text === text
  }

  /** Steps over the words if all of them come next. */
  take(...expected: readonly string[]): boolean {
    const start = this.#next
    for (const word of expected) {
      if (!this.isNext(word)) {
        this.#next = start
        return false
      }
      this.#next++
    }
    return true
  }

  /** The name that comes next, folded to lower case unless quoted. */
  takeName(): string | undefined {
    const token = this.#tokens[this.#next]
    if (token === undefined || token.kind === 'symbol') return undefined
    this.#next++
    return token.kind === 'quoted' ? token.text : token.source.toLowerCase()
  }

  /** The name that comes next, with its schema where it has one, as written. */
  takeQualifiedName(): string | undefined {
    return this.takeNameParts()?.join('.')
  }

  /** The same in its parts. */
  takeNameParts(): readonly string[] | undefined {
    const parts: string[] = []
    do {
      const token = this.#tokens[this.#next]
      if (token === undefined || token.kind === 'symbol') return undefined
      parts.push(token.source)
      this.#next++
    } while (this.take('.'))
    return parts
  }
}
