/** What became of a token when a chunk was read: it needs more, it is whole, or it is no JSON. */
export type TokenStep = 'more' | 'whole' | 'broken'

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** Reads one string from after its opening quote, over as many chunks as it takes. */
export class StringReader {
  /** Whole characters only: half a surrogate pair or an escape waits for its rest. */
  text = ''
  /** Where the chunk was left. */
  at = 0
  /** An escape that is not whole, from its backslash on. */
  #escape = ''
  /** A high surrogate that waits for the low one. */
  #high = ''

  read(chunk: string, start: number): TokenStep {
    let from = start
    for (let at = start; at < chunk.length; at++) {
      const unit = chunk.charCodeAt(at)
      if (this.#escape !== '') {
        this.#escape += chunk.charAt(at)
        if (!this.#endEscape()) return 'broken'
        from = at + 1
      } else if (unit === 0x5c) {
        this.#add(chunk.slice(from, at))
        this.#escape = '\\'
      } else if (unit === 0x22) {
        this.#add(chunk.slice(from, at))
        this.at = at + 1
        return this.#high === '' ? 'whole' : 'broken'
      } else if (unit < 0x20) return 'broken'
    }
    if (this.#escape === '') this.#add(chunk.slice(from))
    this.at = chunk.length
    return 'more'
  }

  #endEscape(): boolean {
    const begun = this.#escape
    const kind = begun.charAt(1)
    if (kind === 'u') {
      if (begun.length < 6) return /^\\u[0-9a-fA-F]*$/.test(begun)
      if (!/^\\u[0-9a-fA-F]{4}$/.test(begun)) return false
      this.#add(String.fromCharCode(Number.parseInt(begun.slice(2), 16)))
    } else {
      const character = ESCAPES.get(kind)
      if (character === undefined) return false
      this.#add(character)
    }
    this.#escape = ''
    return true
  }

  #add(part: string): void {
    if (part === '') return
    const text = this.#high + part
    const last = text.charCodeAt(text.length - 1)
    const isHigh = last >= 0xd800 && last <= 0xdbff
    this.#high = isHigh ? text.slice(-1) : ''
    this.text += isHigh ? text.slice(0, -1) : text
  }
}

const SCALAR_PART = /^[-+.0-9a-zA-Z]$/
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const MAX_SCALAR_LENGTH = 400
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** Reads one number or word: it is whole only when something else follows it. */
export class ScalarReader {
  at = 0
  value: number | boolean | null = null
  #literal = ''

  read(chunk: string, start: number): TokenStep {
    let at = start
    while (at < chunk.length && SCALAR_PART.test(chunk.charAt(at))) at++
    this.#literal += chunk.slice(start, at)
    this.at = at
    if (this.#literal.length > MAX_SCALAR_LENGTH) return 'broken'
    return at === chunk.length ? 'more' : this.end()
  }

  /** Ends the token where it is. */
  end(): TokenStep {
    const word = WORDS.get(this.#literal)
    if (word === undefined && !NUMBER.test(this.#literal)) return 'broken'
    this.value = word === undefined ? Number(this.#literal) : word
    return 'whole'
  }
}
