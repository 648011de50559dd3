/** Where a token ends (exclusive), or why it has no end. */
export type TokenEnd = { readonly kind: 'end'; readonly end: number } | TokenFailure
/** Why a token has no end: a character that cannot stand there, or the end of the text. */
export type TokenFailure = { readonly kind: 'broken'; readonly at: number } | { readonly kind: 'truncated' }

const LITERALS = ['true', 'false', 'null']
const HEX4 = /^[0-9a-fA-F]{4}$/

/** Finds the end of the string whose opening quote stands at `start` (RFC 8259, section 7). */
export function endOfString(text: string, start: number, limit: number): TokenEnd {
  for (let at = start + 1; at < limit; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x22) return { kind: 'end', end: at + 1 }
    if (unit < 0x20) return { kind: 'broken', at }
    if (unit !== 0x5c) continue
    if (at + 1 >= limit) return { kind: 'truncated' }
    const escaped = text[++at] ?? ''
    if (escaped === 'u') {
      if (at + 4 >= limit) return { kind: 'truncated' }
      if (!HEX4.test(text.slice(at + 1, at + 5))) return { kind: 'broken', at }
      at += 4
    } else if (!'"\\/bfnrt'.includes(escaped)) return { kind: 'broken', at }
  }
  return { kind: 'truncated' }
}

/** Finds the end of the number or literal at `start`. One that runs to the end of the text may be cut short. */
export function endOfScalar(text: string, start: number, limit: number): TokenEnd {
  const first = text[start] ?? ''
  if (first === '-' || (first >= '0' && first <= '9')) return endOfNumber(text, start, limit)
  for (const literal of LITERALS) {
    const part = text.slice(start, Math.min(start + literal.length, limit))
    if (part === literal) return { kind: 'end', end: start + literal.length }
    if (part !== '' && start + part.length === limit && literal.startsWith(part)) return { kind: 'truncated' }
  }
  return { kind: 'broken', at: start }
}

function endOfNumber(text: string, start: number, limit: number): TokenEnd {
  const isDigit = (at: number): boolean =>
    at < limit && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57
  const skipDigits = (at: number): number => {
    while (isDigit(at)) at++
    return at
  }
  const missing = (at: number): TokenFailure => (at >= limit ? { kind: 'truncated' } : { kind: 'broken', at })
  let at = text[start] === '-' ? start + 1 : start
  if (!isDigit(at)) return missing(at)
  at = text[at] === '0' ? at + 1 : skipDigits(at)
  if (at < limit && text[at] === '.') {
    if (!isDigit(at + 1)) return missing(at + 1)
    at = skipDigits(at + 1)
  }
  if (at < limit && (text[at] === 'e' || text[at] === 'E')) {
    const sign = text[at + 1]
    const digits = at + 1 < limit && (sign === '+' || sign === '-') ? at + 2 : at + 1
    if (!isDigit(digits)) return missing(digits)
    at = skipDigits(digits)
  }
  return { kind: 'end', end: at }
}

/**
 * Whether a number means something else as a double: an integer beyond 2^53 - 1, an overflow to infinity, or a
 * number other than zero that becomes zero.
 */
export function isUnsafeNumber(literal: string): boolean {
  const value = Number(literal)
  if (!Number.isFinite(value)) return true
  const [mantissa = '', exponent] = literal.toLowerCase().split('e')
  if (value === 0) return /[1-9]/.test(mantissa)
  return exponent === undefined && Math.abs(value) > Number.MAX_SAFE_INTEGER
}
