/** Arrays of one batch, written as PostgreSQL reads them while the entries are walked. */
export class TextArray {
  #text = ''

  push(value: string | null): void {
    if (this.#text !== '') this.#text += ','
    this.#text += value === null ? 'NULL' : quote(value)
  }

  toString(): string {
    return `{${this.#text}}`
  }
}

/** As {@link TextArray}, for integers that are safe in JavaScript. */
export class IntegerArray {
  #text = ''

  push(value: number | null | undefined): void {
    const text = value === null || value === undefined ? 'NULL' : String(value)
    this.#text = this.#text === '' ? text : `${this.#text},${text}`
  }

  toString(): string {
    return `{${this.#text}}`
  }
}

function quote(value: string): string {
  return /["\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`
}
