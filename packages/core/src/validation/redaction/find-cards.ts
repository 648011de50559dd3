import type { SecretSpan } from './secret-span.ts'

/**
 * Card numbers as they are written: in one piece, in fours, or in the groups of American Express and Diners. Not within
 * words, decimals, telephone numbers, UUIDs and IBANs.
 */
const CANDIDATE = new RegExp(
  String.raw`(?:(?<![\w.+]|\w-|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){0,7} ?)|(?<=\\[nrt]))` +
    String.raw`(?:\d{14,16}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{4,5})` +
    String.raw`(?!\w|-\w|\.\d)`,
  'g',
)

/** The first digits and the length of the card schemes in use (ISO/IEC 7812). */
const SCHEME =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14})$/

/** The numbers of payment cards: of a known scheme, and right by their check digit. */
export function findCards(text: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (const match of text.matchAll(CANDIDATE)) {
    if (!isCardNumber(match[0].replace(/[ -]/g, ''))) continue
    spans.push({ kind: 'card-number', start: match.index, end: match.index + match[0].length })
  }
  return spans
}

/** Whether `digits` is the number of a card of a known scheme with the right check digit. */
export function isCardNumber(digits: string): boolean {
  return SCHEME.test(digits) && hasLuhnDigit(digits) && !/^(\d)\1+$/.test(digits)
}

/** The check of ISO/IEC 7812-1, annex B (Luhn). */
function hasLuhnDigit(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    const doubled = digit * 2
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
