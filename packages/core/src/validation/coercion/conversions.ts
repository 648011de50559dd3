import type { CoercionFixName } from '../fix.ts'
import { isPlainJson } from '../json/plain-json.ts'
import type { CoercionLevel } from './coercion.ts'
import { numberOfGroupedText, numberOfText } from './number-text.ts'

/** What may stand for a value: another value, or nothing at all (its key taken out). */
export type Conversion =
  | { readonly name: CoercionFixName; readonly kind: 'replace'; readonly value: unknown }
  | { readonly name: CoercionFixName; readonly kind: 'remove' }

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/**
 * What a value could mean, the nearest first. `allowed` are the texts of which its place wants one, as far as known,
 * and `literal` is how a number was written, if that is known. Which of them the place takes, the schema says.
 */
export function conversionsOf(
  value: unknown,
  allowed: readonly string[],
  level: CoercionLevel,
  literal?: string,
): readonly Conversion[] {
  if (level === 'none') return []
  const found: Conversion[] = []
  if (typeof value === 'string') {
    const number = numberOfText(value) ?? (level === 'lenient' ? numberOfGroupedText(value) : undefined)
    if (number !== undefined) found.push({ name: 'coerced-number', kind: 'replace', value: number })
    const boolean = value.length < 16 ? BOOLEANS.get(value.trim().toLowerCase()) : undefined
    if (boolean !== undefined) found.push({ name: 'coerced-boolean', kind: 'replace', value: boolean })
    const text = allowedText(value, allowed, level)
    if (text !== undefined) found.push({ name: 'coerced-enum', kind: 'replace', value: text })
  }
  const digits = typeof value === 'bigint' ? String(value) : numberText(value, literal)
  if (digits !== undefined) found.push({ name: 'coerced-string', kind: 'replace', value: digits })
  if (level === 'safe') return found
  const inner = typeof value === 'string' ? containerOfText(value) : undefined
  if (value === null) found.push({ name: 'coerced-null', kind: 'remove' })
  // A list written as a string is that list, not a list of one string.
  else if (inner !== undefined) found.push({ name: 'double-encoded', kind: 'replace', value: inner })
  else if (!Array.isArray(value)) found.push({ name: 'coerced-array', kind: 'replace', value: [value] })
  return found
}

/** The object or list that a text is, as strict JSON beyond doubt. */
function containerOfText(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isPlainJson(text, value, MAX_INNER_DEPTH) ? value : undefined
  } catch {
    return undefined
  }
}

const MAX_INNER_DEPTH = 100

/** 1.50 was read as 1.5: where it is not known how a number was written, only integers can be written again. */
function numberText(value: unknown, literal: string | undefined): string | undefined {
  if (typeof value !== 'number') return undefined
  if (literal !== undefined && Number(literal) === value) return literal
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined
}

/** The one allowed text that differs only in letter case and blanks around it; if lenient, in all but letters and digits. */
function allowedText(value: string, allowed: readonly string[], level: CoercionLevel): string | undefined {
  if (allowed.length === 0 || value.length > MAX_ALLOWED_LENGTH) return undefined
  const near = onlyMatch(value, allowed, (text) => text.trim().toLowerCase())
  if (near !== undefined || level === 'safe') return near
  return onlyMatch(value, allowed, (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''))
}

const MAX_ALLOWED_LENGTH = 256

function onlyMatch(
  value: string,
  allowed: readonly string[],
  normalise: (text: string) => string,
): string | undefined {
  const wanted = normalise(value)
  if (wanted === '') return undefined
  const matches = new Set(allowed.filter((one) => one !== value && normalise(one) === wanted))
  const [only] = matches
  return matches.size === 1 ? only : undefined
}
