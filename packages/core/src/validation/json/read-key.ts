import { beginsElision } from './elision.ts'
import { endOfWord } from './read-scalar.ts'
import { type ReadState, repair, stopReading } from './read-state.ts'
import { isQuote, readString } from './read-string.ts'
import { skipBlanks } from './skip-blanks.ts'

const OTHER_KEY_CHARACTER = /[\p{L}\p{N}-]/u
// Python's own words are no names there: as a key of a dictionary they stand for values.
const NO_KEY: ReadonlySet<string> = new Set(['True', 'False', 'None', 'undefined', 'NaN', 'Infinity'])
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,14})$/

/** Reads a key and its colon. @returns undefined when reading stopped. */
export function readKey(state: ReadState): string | undefined {
  const { text, limit, at: start } = state
  const unit = text.charCodeAt(start)
  const isQuoted = unit === 0x22 || isQuote(unit)
  const key = isQuoted ? readString(state) : readUnquoted(state)
  if (key === undefined) return undefined
  if (!skipBlanks(state)) return undefined
  if (state.at >= limit) return stopReading(state, 'TRUNCATED', start, limit)
  const next = text.charCodeAt(state.at)
  if (next !== 0x3a) {
    const isAlone = isQuoted && (next === 0x2c || next === 0x7d)
    return stopReading(state, isAlone ? 'MISSING_VALUE' : 'MALFORMED', state.at, state.at + 1)
  }
  state.at++
  if (isQuoted) state.hasKey = true
  return key
}

function readUnquoted(state: ReadState): string | undefined {
  const { text, limit, at: start } = state
  let end = endOfWord(text, start, limit)
  while (end < limit && OTHER_KEY_CHARACTER.test(text.charAt(end))) end = endOfWord(text, end + 1, limit)
  const key = text.slice(start, end)
  if (key === '') {
    const isColon = text.charCodeAt(start) === 0x3a
    const code = beginsElision(text, start) ? 'ELIDED' : isColon ? 'MISSING_VALUE' : 'MALFORMED'
    return stopReading(state, code, start, start + 1)
  }
  if (end >= limit) return stopReading(state, 'TRUNCATED', start, limit)
  const isName = !/^[\p{N}-]/u.test(key) && !NO_KEY.has(key)
  if (!isName && !PLAIN_NUMBER.test(key)) return stopReading(state, 'MALFORMED', start, end)
  state.at = end
  return repair(state, 'unquoted-key', start, end) ? key : undefined
}
