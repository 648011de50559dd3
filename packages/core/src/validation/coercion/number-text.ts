const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
/** Groups that no custom reads otherwise: two or more, or one and a fraction. `12,111` may mean twelve and a bit. */
const GROUPED_NUMBER = /^-?[1-9][0-9]{0,2}(?:(?:,[0-9]{3}){2,}(?:\.[0-9]+)?|(?:,[0-9]{3})\.[0-9]+)$/
/** Every decimal of so many digits comes back from a double as it was (IEEE 754 binary64). */
const KEPT_DIGITS = 15
/** Longer texts are no numbers that anyone means; the bound keeps the work small. */
const MAX_NUMBER_LENGTH = 64

/** The number that a text spells as JSON would, blanks around it aside, if a double keeps each of its digits. */
export function numberOfText(text: string): number | undefined {
  if (text.length > MAX_NUMBER_LENGTH) return undefined
  const literal = text.trim()
  if (!JSON_NUMBER.test(literal)) return undefined
  const value = Number(literal)
  return isKept(literal, value) ? value : undefined
}

/** The number of a text whose thousands are set apart by commas, where that is the only way to read it. */
export function numberOfGroupedText(text: string): number | undefined {
  if (text.length > MAX_NUMBER_LENGTH) return undefined
  const literal = text.trim()
  return GROUPED_NUMBER.test(literal) ? numberOfText(literal.replaceAll(',', '')) : undefined
}

function isKept(literal: string, value: number): boolean {
  const [mantissa = '', exponent] = literal.toLowerCase().split('e')
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '')
  if (!Number.isFinite(value) || (value === 0 && digits !== '')) return false
  const isPlain = exponent === undefined && !mantissa.includes('.')
  if (isPlain && !Number.isSafeInteger(value)) return false
  return digits.length <= KEPT_DIGITS || String(value) === literal
}
