import type { JsonFault, JsonFaultCode } from './json-fault.ts'
import { endOfScalar, endOfString, isUnsafeNumber, type TokenFailure } from './json-token.ts'

/**
 * What a scan found: a JSON text (RFC 8259) that ends before `end`, or where or why it is none. `hasKey` tells that a
 * key and its colon were read, so that JSON was meant.
 */
export type JsonScan =
  | { readonly kind: 'complete'; readonly end: number; readonly fault?: JsonFault }
  | { readonly kind: 'broken'; readonly at: number; readonly hasKey: boolean }
  | { readonly kind: 'truncated'; readonly hasKey: boolean }

interface Frame {
  /** Keys seen so far; absent in an array. */
  readonly keys?: Set<string>
  /** The key or index whose value is being read. */
  place: string | number
}

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__'])

/** Scans one JSON text. Each character is looked at once; nesting uses no call stack. */
class StrictScanner {
  readonly #text: string
  readonly #limit: number
  readonly #maxDepth: number
  readonly #frames: Frame[] = []
  #at: number
  #fault: JsonFault | undefined
  #hasKey = false

  constructor(text: string, start: number, limit: number, maxDepth: number) {
    this.#text = text
    this.#at = start
    this.#limit = limit
    this.#maxDepth = maxDepth
  }

  scan(): JsonScan {
    for (;;) {
      const opened = this.#value()
      if (opened !== 'opened' && opened !== 'closed') return this.#failure(opened)
      if (opened === 'opened') continue
      const next = this.#afterValue()
      if (next === 'value') continue
      if (next === 'done') {
        return {
          kind: 'complete',
          end: this.#at,
          ...(this.#fault === undefined ? {} : { fault: this.#fault }),
        }
      }
      return this.#failure(next)
    }
  }

  /** Reads a scalar or an empty container (`closed`), or enters a container up to its first value (`opened`). */
  #value(): 'opened' | 'closed' | TokenFailure {
    const first = this.#peek()
    if (first === undefined) return { kind: 'truncated' }
    if (first === '{' || first === '[') return this.#open(first)
    const start = this.#at
    const token =
      first === '"'
        ? endOfString(this.#text, start, this.#limit)
        : endOfScalar(this.#text, start, this.#limit)
    if (token.kind !== 'end') return token
    this.#at = token.end
    const literal = this.#text.slice(start, token.end)
    if (first === '"') {
      if (!decode(literal).isWellFormed()) this.#report('LONE_SURROGATE')
    } else if (!'tfn'.includes(first) && isUnsafeNumber(literal)) this.#report('UNSAFE_NUMBER')
    return 'closed'
  }

  #open(bracket: '{' | '['): 'opened' | 'closed' | TokenFailure {
    this.#at++
    if (this.#frames.length >= this.#maxDepth) this.#report('TOO_DEEP')
    const next = this.#peek()
    if (next === (bracket === '{' ? '}' : ']')) {
      this.#at++
      return 'closed'
    }
    if (bracket === '[') {
      this.#frames.push({ place: 0 })
      return 'opened'
    }
    const frame: Frame = { keys: new Set(), place: '' }
    this.#frames.push(frame)
    return this.#key(frame) ?? 'opened'
  }

  #key(frame: Frame): TokenFailure | undefined {
    const quote = this.#peek()
    if (quote === undefined) return { kind: 'truncated' }
    if (quote !== '"') return { kind: 'broken', at: this.#at }
    const token = endOfString(this.#text, this.#at, this.#limit)
    if (token.kind !== 'end') return token
    const key = decode(this.#text.slice(this.#at, token.end))
    this.#at = token.end
    const colon = this.#peek()
    if (colon === undefined) return { kind: 'truncated' }
    if (colon !== ':') return { kind: 'broken', at: this.#at }
    this.#at++
    this.#hasKey = true
    frame.place = key
    if (FORBIDDEN_KEYS.has(key)) this.#report('FORBIDDEN_KEY')
    if (!key.isWellFormed()) this.#report('LONE_SURROGATE')
    if (frame.keys?.has(key)) this.#report('DUPLICATE_KEY')
    frame.keys?.add(key)
    return undefined
  }

  /** After a value: leaves containers that end here, up to the next value or the end of the whole. */
  #afterValue(): 'value' | 'done' | TokenFailure {
    for (;;) {
      const frame = this.#frames.at(-1)
      if (frame === undefined) return 'done'
      const next = this.#peek()
      if (next === undefined) return { kind: 'truncated' }
      if (next === ',') {
        this.#at++
        if (frame.keys !== undefined) return this.#key(frame) ?? 'value'
        if (typeof frame.place === 'number') frame.place++
        return 'value'
      }
      if (next !== (frame.keys === undefined ? ']' : '}')) return { kind: 'broken', at: this.#at }
      this.#at++
      this.#frames.pop()
    }
  }

  /** The next character that is no blank. */
  #peek(): string | undefined {
    while (this.#at < this.#limit) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return this.#text[this.#at]
      this.#at++
    }
    return undefined
  }

  #report(code: JsonFaultCode): void {
    if (this.#fault !== undefined) return
    // A hostile text could be nested a million deep: the path names only the outermost places.
    const path = this.#frames.slice(0, MAX_PATH_LENGTH).map((frame) => frame.place)
    this.#fault = { code, path }
  }

  #failure(failure: TokenFailure): JsonScan {
    return { ...failure, hasKey: this.#hasKey }
  }
}

const MAX_PATH_LENGTH = 32

function decode(literal: string): string {
  // JSON.parse of a literal that the scanner accepted as a string is a string.
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
}

/**
 * Scans the JSON text that begins at `start` of `text` and looks no further than `limit`. Of several faults the first
 * is told. Blanks before the text are skipped.
 */
export function scanJson(text: string, start: number, limit: number, maxDepth: number): JsonScan {
  return new StrictScanner(text, start, limit, maxDepth).scan()
}
