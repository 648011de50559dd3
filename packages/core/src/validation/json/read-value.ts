import { isDeepStrictEqual } from 'node:util'
import { beginsElision } from './elision.ts'
import { readKey } from './read-key.ts'
import { readNumber, readWord } from './read-scalar.ts'
import { applyPolicy, NO_PLACE, type ReadState, repair, reportFault, stopReading } from './read-state.ts'
import { isQuote, readString } from './read-string.ts'
import { skipBlanks } from './skip-blanks.ts'

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c
const COLON = 0x3a
const SEMICOLON = 0x3b

/** Reads the value that begins at `state.at`, which is no blank. @returns undefined when reading stopped. */
export function readValue(state: ReadState): unknown {
  const { text, at } = state
  if (at >= state.limit) return stopReading(state, 'TRUNCATED', at, at)
  const unit = text.charCodeAt(at)
  if (unit === 0x22 || isQuote(unit)) return readString(state)
  if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
    if (state.depth >= state.rules.maxDepth) return stopReading(state, 'TOO_DEEP', at, at + 1)
    state.depth++
    state.at = at + 1
    const value = unit === OPEN_BRACE ? readObject(state) : readArray(state)
    state.depth--
    return value
  }
  if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) return readNumber(state)
  return readWord(state)
}

function readObject(state: ReadState): Record<string, unknown> | undefined {
  const { text, limit, path } = state
  const object: Record<string, unknown> = {}
  const place = state.depth - 1
  let comma = -1
  for (;;) {
    path[place] = NO_PLACE
    if (!skipBlanks(state) || state.at >= limit) return cutHere(state, object, state.at)
    const start = state.at
    const unit = text.charCodeAt(start)
    if (unit === CLOSE_BRACE) return closeAfter(state, comma) ? object : undefined
    if (unit === COMMA) return stopReading(state, 'MISSING_VALUE', start, start + 1)
    const key = readKey(state)
    if (key === undefined) return cutHere(state, object, start)
    path[place] = key
    if (!skipBlanks(state) || state.at >= limit) return cutHere(state, object, start)
    const next = text.charCodeAt(state.at)
    if (next === CLOSE_BRACE || next === COMMA || next === COLON || next === SEMICOLON) {
      return stopReading(state, 'MISSING_VALUE', state.at, state.at + 1)
    }
    const value = readMember(state)
    if (value === undefined) return cutHere(state, object, start)
    store(state, object, key, value, start)
    if (state.isCut) return object
    const end = endOfItem(state, CLOSE_BRACE)
    if (end !== 'comma') return end === 'closed' ? object : undefined
    comma = state.at - 1
  }
}

function readArray(state: ReadState): unknown[] | undefined {
  const { text, limit, path } = state
  const array: unknown[] = []
  const place = state.depth - 1
  let comma = -1
  for (;;) {
    path[place] = array.length
    if (!skipBlanks(state) || state.at >= limit) return cutHere(state, array, state.at)
    const start = state.at
    const unit = text.charCodeAt(start)
    if (unit === CLOSE_BRACKET) return closeAfter(state, comma) ? array : undefined
    if (unit === COMMA) return stopReading(state, 'MISSING_VALUE', start, start + 1)
    const value = readMember(state)
    if (value === undefined) return cutHere(state, array, start)
    array.push(value)
    if (state.isCut) return array
    const end = endOfItem(state, CLOSE_BRACKET)
    if (end !== 'comma') return end === 'closed' ? array : undefined
    comma = state.at - 1
  }
}

/** Reads an element or member value. A number at the very end of the text may lack digits, so it counts as cut. */
function readMember(state: ReadState): unknown {
  const start = state.at
  const value = readValue(state)
  if (value === undefined) return undefined
  state.visit?.(state.path.slice(0, state.depth), start, state.at)
  const isCutNumber =
    state.at >= state.limit && !state.isCut && typeof value !== 'object' && !isWhole(state.text, state.at)
  return isCutNumber ? stopReading(state, 'TRUNCATED', start, state.at) : value
}

/** Whether the scalar before `at` cannot go on: a string or a word. */
function isWhole(text: string, at: number): boolean {
  return !/[0-9]/.test(text.charAt(at - 1))
}

/** After an element: its comma, or the bracket that ends all. */
function endOfItem(state: ReadState, closing: number): 'comma' | 'closed' | 'stopped' {
  if (!skipBlanks(state)) return cutHere(state, 'closed', state.limit) ?? 'stopped'
  const { text, at, limit, rules } = state
  const unit = at < limit ? text.charCodeAt(at) : -1
  if (unit === COMMA || unit === closing) {
    state.at = at + 1
    return unit === COMMA ? 'comma' : 'closed'
  }
  const isEnd = unit === -1
  const isOuterBracket = unit === CLOSE_BRACE || unit === CLOSE_BRACKET
  // A bracket of the other kind ends this container only where an outer one is left for it to end.
  if (rules.missingBrackets === 'close' && (isEnd || (isOuterBracket && state.depth > 1))) {
    applyPolicy(state, 'missing-bracket', at, at)
    return 'closed'
  }
  if (isEnd && state.isPartial) {
    state.isCut = true
    return 'closed'
  }
  if (isEnd) stopReading(state, 'TRUNCATED', at, at)
  else stopReading(state, beginsElision(text, at) ? 'ELIDED' : 'MALFORMED', at, at + 1)
  return 'stopped'
}

function closeAfter(state: ReadState, comma: number): boolean {
  state.at++
  return comma === -1 || repair(state, 'trailing-comma', comma, comma + 1)
}

/** The text ends within the container, or reading stopped in it: only a partial reading keeps what is whole. */
function cutHere<Container>(state: ReadState, container: Container, start: number): Container | undefined {
  const isEnd = state.stop === undefined || state.stop.code === 'TRUNCATED'
  if (!isEnd || !state.isPartial) return stopReading(state, 'TRUNCATED', state.at, state.limit)
  state.stop = undefined
  state.isCut = true
  if (start < state.limit) applyPolicy(state, 'partial-dropped', start, state.limit)
  state.at = state.limit
  return container
}

function store(
  state: ReadState,
  object: Record<string, unknown>,
  key: string,
  value: unknown,
  start: number,
): void {
  state.hasKey = true
  if (key === '__proto__' || key === 'constructor') {
    if (keepForbidden(state, start)) {
      Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
    }
  } else if (object[key] === undefined || !Object.hasOwn(object, key)) object[key] = value
  else if (keepLater(state, object[key], value, start)) object[key] = value
}

function keepForbidden(state: ReadState, start: number): boolean {
  const policy = state.rules.forbiddenKeys
  if (policy === 'refuse') reportFault(state, 'FORBIDDEN_KEY', start, state.at)
  else if (policy === 'drop') applyPolicy(state, 'forbidden-key', start, state.at)
  return policy === 'keep'
}

function keepLater(state: ReadState, earlier: unknown, later: unknown, start: number): boolean {
  const policy = state.rules.duplicateKeys
  if (policy === 'refuse' && !isDeepStrictEqual(earlier, later)) {
    reportFault(state, 'DUPLICATE_KEY', start, state.at)
  } else applyPolicy(state, 'duplicate-key', start, state.at)
  return policy === 'last'
}
