import { applyPolicy, type ReadState, repair, reportFault, stopReading } from './read-state.ts'

const CLOSING: ReadonlyMap<number, string> = new Map([
  [0x22, '"'],
  [0x27, "'"],
  [0x201c, '”'],
  [0x201d, '”'],
  [0x201e, '“”'],
  [0x2018, '’'],
  [0x2019, '’'],
])
const HEX4 = /^[0-9a-fA-F]{4}$/
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

/** What is found in a string besides its plain characters. */
interface Oddities {
  rawNewline: boolean
  rawTab: boolean
  invalidEscape: boolean
  surrogate: boolean
}

/** Whether a string begins with this code unit. Quotes other than `"` are repairs. */
export function isQuote(unit: number): boolean {
  return unit === 0x22 || unit === 0x27 || (unit >= 0x2018 && unit <= 0x201e && CLOSING.has(unit))
}

/** Reads the string whose opening quote is the next character. @returns undefined when reading stopped. */
export function readString(state: ReadState): string | undefined {
  const { text, limit, at: start } = state
  const unit = text.charCodeAt(start)
  if (unit === 0x22) {
    // Most strings are plain: their end is found without a look at anything else.
    let at = start + 1
    for (; at < limit; at++) {
      const next = text.charCodeAt(at)
      if (next === 0x22) {
        state.at = at + 1
        return text.slice(start + 1, at)
      }
      if (next === 0x5c || next < 0x20 || (next >= 0xd800 && next <= 0xdfff)) break
    }
    return readRest(state, start, at, '"')
  }
  if (!state.canRepair) return stopReading(state, 'MALFORMED', start, start + 1)
  return readRest(state, start, start + 1, CLOSING.get(unit) ?? '"')
}

function readRest(state: ReadState, start: number, from: number, closing: string): string | undefined {
  const { text, limit } = state
  const opening = text.charAt(start)
  const odd: Oddities = { rawNewline: false, rawTab: false, invalidEscape: false, surrogate: false }
  let value = text.slice(start + 1, from)
  let kept = from
  for (let at = from; at < limit; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x5c) {
      const escaped = readEscape(state, at, odd)
      if (escaped === undefined) return undefined
      value += text.slice(kept, at) + escaped
      at = state.at - 1
      kept = state.at
    } else if (unit < 0x20) {
      if (unit === 0x09) odd.rawTab = true
      else if (unit === 0x0a || unit === 0x0d) odd.rawNewline = true
      else return stopReading(state, 'MALFORMED', at, at + 1)
    } else if (unit === 0x22 || unit === 0x27 || unit >= 0x2018) {
      const character = text.charAt(at)
      if (closing.includes(character)) return finish(state, start, at + 1, value + text.slice(kept, at), odd)
      // A smart quote opened again within its own quotation: where the string ends is a guess.
      if (character === opening) return stopReading(state, 'MALFORMED', at, at + 1)
      if (unit >= 0xd800 && unit <= 0xdfff) odd.surrogate = true
    }
  }
  return stopReading(state, 'TRUNCATED', start, limit)
}

/** Reads the escape whose backslash stands at `at`, and leaves `state.at` after it. */
function readEscape(state: ReadState, at: number, odd: Oddities): string | undefined {
  const { text, limit } = state
  if (at + 1 >= limit) return stopReading(state, 'TRUNCATED', at, limit)
  const letter = text.charAt(at + 1)
  state.at = at + 2
  const plain = ESCAPES.get(letter)
  if (plain !== undefined) return plain
  if (letter === 'u') {
    const digits = text.slice(at + 2, Math.min(at + 6, limit))
    if (HEX4.test(digits)) {
      odd.surrogate = true
      state.at = at + 6
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const isCutShort = at + 6 > limit && /^[0-9a-fA-F]*$/.test(digits)
    return stopReading(state, isCutShort ? 'TRUNCATED' : 'MALFORMED', at, Math.min(at + 6, limit))
  }
  // An apostrophe needs no escape and can mean nothing else. Any other letter could be one half of a lost backslash.
  if (letter !== "'") return stopReading(state, 'MALFORMED', at, at + 2)
  odd.invalidEscape = true
  return letter
}

function finish(
  state: ReadState,
  start: number,
  end: number,
  value: string,
  odd: Oddities,
): string | undefined {
  state.at = end
  const quote = state.text.charCodeAt(start)
  if (quote === 0x27) repair(state, 'single-quotes', start, end)
  else if (quote !== 0x22) repair(state, 'smart-quotes', start, end)
  // Within single quotes an escaped apostrophe is what it should be.
  if (odd.invalidEscape && quote !== 0x27 && !repair(state, 'invalid-escape', start, end)) return undefined
  if (odd.rawNewline && !repair(state, 'raw-newline', start, end)) return undefined
  if (odd.rawTab && !repair(state, 'raw-tab', start, end)) return undefined
  if (!odd.surrogate || value.isWellFormed()) return value
  const policy = state.rules.loneSurrogates
  if (policy === 'refuse') reportFault(state, 'LONE_SURROGATE', start, end)
  else if (policy === 'replace') {
    applyPolicy(state, 'lone-surrogate', start, end)
    return value.toWellFormed()
  }
  return value
}
