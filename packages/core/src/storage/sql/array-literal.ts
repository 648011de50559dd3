/** An element of an array on its way to PostgreSQL. */
export type ArrayElementText = string | null | readonly ArrayElementText[]

/** Writes an array as PostgreSQL reads it: `{"a",NULL,{"b"}}`. */
export function writeArrayLiteral(elements: readonly ArrayElementText[]): string {
  const parts = elements.map((element) => {
    if (element === null) return 'NULL'
    return typeof element === 'string' ? quote(element) : writeArrayLiteral(element)
  })
  return `{${parts.join(',')}}`
}

/**
 * Reads an array as PostgreSQL writes it, each element through `parse`; NULL becomes null, inner arrays stay arrays.
 * Bounds other than from 1 (`[0:1]={…}`) are accepted and dropped.
 * @throws SyntaxError on a text that is no array literal.
 */
export function readArrayLiteral(literal: string, parse: (text: string) => unknown): unknown[] {
  const start = literal.startsWith('[') ? literal.indexOf('=') + 1 : 0
  const reader = new ArrayReader(literal, start, parse)
  return reader.readWhole()
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

class ArrayReader {
  readonly #text: string
  readonly #parse: (text: string) => unknown
  #at: number

  constructor(text: string, at: number, parse: (text: string) => unknown) {
    this.#text = text
    this.#at = at
    this.#parse = parse
  }

  readWhole(): unknown[] {
    const array = this.#readArray()
    if (this.#at !== this.#text.length) throw this.#syntaxError()
    return array
  }

  #readArray(): unknown[] {
    const elements: unknown[] = []
    this.#expect('{')
    if (this.#text[this.#at] === '}') {
      this.#at++
      return elements
    }
    for (;;) {
      elements.push(this.#readElement())
      const mark = this.#text[this.#at++]
      if (mark === '}') return elements
      if (mark !== ',') throw this.#syntaxError()
    }
  }

  #readElement(): unknown {
    if (this.#text[this.#at] === '{') return this.#readArray()
    if (this.#text[this.#at] === '"') return this.#parse(this.#readQuoted())
    const start = this.#at
    while (this.#at < this.#text.length && this.#text[this.#at] !== ',' && this.#text[this.#at] !== '}')
      this.#at++
    if (this.#at === start) throw this.#syntaxError()
    const bare = this.#text.slice(start, this.#at)
    return bare === 'NULL' ? null : this.#parse(bare)
  }

  #readQuoted(): string {
    this.#expect('"')
    let value = ''
    for (;;) {
      const unit = this.#text[this.#at++]
      if (unit === undefined) throw this.#syntaxError()
      if (unit === '"') return value
      value += unit === '\\' ? this.#readEscaped() : unit
    }
  }

  #readEscaped(): string {
    const unit = this.#text[this.#at++]
    if (unit === undefined) throw this.#syntaxError()
    return unit
  }

  #expect(unit: string): void {
    if (this.#text[this.#at] !== unit) throw this.#syntaxError()
    this.#at++
  }

  #syntaxError(): SyntaxError {
    return new SyntaxError(`not an array literal at position ${this.#at}`)
  }
}
