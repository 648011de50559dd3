import { beginsElision } from './elision.ts'
import { applyPolicy, type ReadState, repair, reportFault, stopReading } from './read-state.ts'

const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])
const PYTHON_LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
])
/** Beyond this, turning digits into a bigint would take more than linear time. */
const MAX_BIGINT_LENGTH = 1000
const WORDS = [...LITERALS.keys(), ...PYTHON_LITERALS.keys()]

/** Reads a number (RFC 8259, section 6). @returns undefined when reading stopped. */
export function readNumber(state: ReadState): number | string | bigint | undefined {
  const { text, limit, at: start } = state
  let at = text.charCodeAt(start) === 0x2d ? start + 1 : start
  const first = at
  at = skipDigits(text, at, limit)
  if (at === first) return noDigit(state, start, at)
  if (text.charCodeAt(first) === 0x30 && at > first + 1) return stopReading(state, 'MALFORMED', start, at)
  let isInteger = true
  if (at < limit && text.charCodeAt(at) === 0x2e && !text.startsWith('...', at)) {
    const fraction = at + 1
    at = skipDigits(text, fraction, limit)
    if (at === fraction) return noDigit(state, start, at)
    isInteger = false
  }
  if (at < limit && (text.charCodeAt(at) | 0x20) === 0x65) {
    const sign = at + 1 < limit ? text.charCodeAt(at + 1) : 0
    const digits = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
    at = skipDigits(text, digits, limit)
    if (at === digits) return noDigit(state, start, at)
    isInteger = false
  }
  state.at = at
  const literal = text.slice(start, at)
  const value = Number(literal)
  return isKept(literal, value, isInteger) ? value : bigNumber(state, start, literal, value)
}

/** Reads `true`, `false`, `null` or Python's words for them. @returns undefined when reading stopped. */
export function readWord(state: ReadState): boolean | null | undefined {
  const { text, limit, at: start } = state
  const end = endOfWord(text, start, limit)
  const word = text.slice(start, end)
  const literal = LITERALS.get(word)
  if (literal !== undefined) {
    state.at = end
    return literal
  }
  const python = PYTHON_LITERALS.get(word)
  if (python !== undefined) {
    state.at = end
    return repair(state, 'python-literal', start, end) ? python : undefined
  }
  if (word === '') {
    const isElided = beginsElision(text, start)
    return stopReading(state, isElided ? 'ELIDED' : 'MALFORMED', start, Math.min(start + 1, limit))
  }
  if (word === 'undefined') return stopReading(state, 'MISSING_VALUE', start, end)
  if (word === 'NaN' || word === 'Infinity') return stopReading(state, 'UNSAFE_NUMBER', start, end)
  const isCutShort = end === limit && WORDS.some((one) => one.startsWith(word))
  return stopReading(state, isCutShort ? 'TRUNCATED' : 'MALFORMED', start, end)
}

/** Finds the end of a word of ASCII letters, digits, `_` and `$`. */
export function endOfWord(text: string, start: number, limit: number): number {
  let at = start
  while (at < limit) {
    const unit = text.charCodeAt(at)
    const lower = unit | 0x20
    const isPart =
      (lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f || unit === 0x24
    if (!isPart) break
    at++
  }
  return at
}

function skipDigits(text: string, from: number, limit: number): number {
  let at = from
  while (at < limit && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++
  return at
}

function noDigit(state: ReadState, start: number, at: number): undefined {
  if (at >= state.limit) return stopReading(state, 'TRUNCATED', start, at)
  if (state.text.startsWith('Infinity', at)) return stopReading(state, 'UNSAFE_NUMBER', start, at + 8)
  return stopReading(state, 'MALFORMED', start, at + 1)
}

/** Whether a double keeps the number: no integer beyond 2^53 - 1, no overflow, and zero only where zero is written. */
function isKept(literal: string, value: number, isInteger: boolean): boolean {
  if (value === 0) return !/^[^eE]*[1-9]/.test(literal)
  if (!Number.isFinite(value)) return false
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER || (!isInteger && /[eE]/.test(literal))
}

function bigNumber(
  state: ReadState,
  start: number,
  literal: string,
  value: number,
): number | string | bigint | undefined {
  const policy = state.rules.bigNumbers
  const end = state.at
  const isBigInteger = literal.length <= MAX_BIGINT_LENGTH && /^-?\d+$/.test(literal)
  const hasForm =
    policy === 'string' ||
    (policy === 'bigint' && isBigInteger) ||
    (policy === 'round' && Number.isFinite(value))
  if (!hasForm) {
    reportFault(state, 'UNSAFE_NUMBER', start, end)
    return value
  }
  applyPolicy(state, 'big-number', start, end)
  if (policy === 'string') return literal
  return policy === 'bigint' ? BigInt(literal) : value
}
