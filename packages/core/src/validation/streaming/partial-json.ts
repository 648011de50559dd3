import { ScalarReader, StringReader, type TokenStep } from './token-reader.ts'

/** Keys and indexes from the root to a place. */
export type StreamPath = ReadonlyArray<string | number>

/** Where reading stands: before the value, within it, after it, or given up because it is no strict JSON. */
export type StreamState = 'waiting' | 'reading' | 'done' | 'broken'

interface Frame {
  readonly container: unknown[] | Record<string, unknown>
  /** Key or index of the member that is being read. */
  place: string | number
}

type Expected = 'item' | 'itemOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd'

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor'])
const BLANK = /[ \t\r\n]/

/**
 * Reads one strict JSON object or array out of chunks as they come. What follows it is not looked at. Each character is
 * looked at once, however the text is cut; nesting uses no call stack.
 */
export class PartialJson {
  state: StreamState = 'waiting'
  /** The value as far as it has come; it grows in place. */
  value: unknown
  readonly #maxDepth: number
  readonly #onDone: (path: StreamPath, value: unknown) => void
  #frames: Frame[] = []
  #expected: Expected = 'item'
  #string: StringReader | undefined
  #scalar: ScalarReader | undefined
  #isKey = false
  #hasMember = false

  constructor(maxDepth: number, onDone: (path: StreamPath, value: unknown) => void) {
    this.#maxDepth = maxDepth
    this.#onDone = onDone
  }

  /** Reads a chunk on from `start`, before the value from its opening bracket. @returns where it stopped. */
  read(chunk: string, start: number): number {
    let at = start
    if (this.state === 'waiting') at = this.#begin(chunk, at)
    while (at < chunk.length && this.state === 'reading') at = this.#step(chunk, at)
    return at
  }

  /** Whether the value at a path is there to its end. */
  isDone(path: StreamPath): boolean {
    let value: unknown = this.value
    for (const place of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, place)) return false
      // An own property of an object may be read by its key, whatever it holds.
      value = (value as Record<string | number, unknown>)[place]
    }
    if (this.state === 'waiting') return false
    const isOnTheWay = path.every((place, index) => String(this.#frames[index]?.place) === String(place))
    if (!isOnTheWay || this.state === 'done') return true
    if (path.length < this.#frames.length) return false
    return this.#string === undefined || this.#isKey
  }

  #begin(chunk: string, at: number): number {
    this.state = 'reading'
    return this.#open(chunk.charAt(at), at)
  }

  #step(chunk: string, at: number): number {
    if (this.#string !== undefined) return this.#readString(this.#string, chunk, at)
    if (this.#scalar !== undefined) return this.#readScalar(this.#scalar, chunk, at)
    const character = chunk.charAt(at)
    if (BLANK.test(character)) return at + 1
    switch (this.#expected) {
      case 'colon':
        if (character !== ':') return this.#break(at)
        this.#expected = 'item'
        return at + 1
      case 'commaOrEnd':
        return this.#afterMember(character, at)
      case 'key':
      case 'keyOrEnd':
        if (character === '}' && this.#expected === 'keyOrEnd') return this.#close(at)
        if (character !== '"') return this.#break(at)
        this.#isKey = true
        this.#string = new StringReader()
        return at + 1
      default:
        return this.#item(character, at)
    }
  }

  #item(character: string, at: number): number {
    if (character === ']' && this.#expected === 'itemOrEnd') return this.#close(at)
    if (character === '{' || character === '[') return this.#open(character, at)
    if (character === '"') {
      this.#isKey = false
      this.#string = new StringReader()
      this.#put('')
      return at + 1
    }
    if (!/[-0-9tfn]/.test(character)) return this.#break(at)
    this.#scalar = new ScalarReader()
    return at
  }

  #open(bracket: string, at: number): number {
    if (this.#frames.length === this.#maxDepth) return this.#break(at)
    const isObject = bracket === '{'
    const container: Frame['container'] = isObject ? {} : []
    if (this.#frames.length === 0) this.value = container
    else this.#put(container)
    this.#frames.push({ container, place: isObject ? '' : 0 })
    this.#expected = isObject ? 'keyOrEnd' : 'itemOrEnd'
    return at + 1
  }

  #close(at: number): number {
    const container = this.#frames.pop()?.container
    this.#onDone(this.#path(), container)
    this.#expected = 'commaOrEnd'
    if (this.#frames.length === 0) this.state = 'done'
    return at + 1
  }

  #afterMember(character: string, at: number): number {
    const frame = this.#frames.at(-1)
    const isArray = typeof frame?.place === 'number'
    if (character === (isArray ? ']' : '}')) return this.#close(at)
    if (character !== ',') return this.#break(at)
    if (typeof frame?.place === 'number') frame.place++
    this.#expected = isArray ? 'item' : 'key'
    return at + 1
  }

  #readString(reader: StringReader, chunk: string, at: number): number {
    const step = reader.read(chunk, at)
    if (step === 'broken') return this.#break(at)
    if (!this.#isKey) this.#put(reader.text)
    if (step === 'more') return reader.at
    this.#string = undefined
    if (this.#isKey) return this.#key(reader.text, reader.at)
    return this.#member(reader.text, reader.at)
  }

  #readScalar(reader: ScalarReader, chunk: string, at: number): number {
    const step: TokenStep = reader.read(chunk, at)
    if (step === 'broken') return this.#break(at)
    if (step === 'more') return reader.at
    this.#scalar = undefined
    this.#put(reader.value)
    return this.#member(reader.value, reader.at)
  }

  #key(key: string, at: number): number {
    const frame = this.#frames.at(-1)
    if (frame === undefined || FORBIDDEN_KEYS.has(key) || Object.hasOwn(frame.container, key))
      return this.#break(at)
    frame.place = key
    this.#hasMember = true
    this.#expected = 'colon'
    return at
  }

  #member(value: unknown, at: number): number {
    this.#hasMember = true
    this.#onDone(this.#path(), value)
    this.#expected = 'commaOrEnd'
    return at
  }

  #put(value: unknown): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined) return
    // A list's place is an index of it, an object's a key that is not forbidden: both are own properties.
    const container = frame.container as Record<string | number, unknown>
    container[frame.place] = value
  }

  #path(): StreamPath {
    return this.#frames.map((frame) => frame.place)
  }

  /** Gives up; what broke before it had any member was a bracket in prose, and the value is still to come. */
  #break(at: number): number {
    this.state = this.#hasMember ? 'broken' : 'waiting'
    if (this.state === 'waiting') {
      this.value = undefined
      this.#frames = []
    }
    this.#string = undefined
    this.#scalar = undefined
    return at
  }
}
