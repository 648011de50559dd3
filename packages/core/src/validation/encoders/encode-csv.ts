import { EncodingError } from './encoding-error.ts'

/**
 * What a spreadsheet takes for the start of a formula, with what it may skip before it: blanks, zero-width characters
 * and apostrophes, so that a guarded cell stays apart from a text that begins with an apostrophe of its own.
 */
const FORMULA = /^'*[\s\u{200B}-\u{200F}\u{2060}\u{FEFF}]*[=+\-@\t\r\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}]/u
const NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/

/**
 * `text` as one cell of a CSV file (RFC 4180), always quoted. A text that a spreadsheet would run as a formula gets an
 * apostrophe in front, which the reader sees as part of the text; a plain number such as -12.5 stays as it is.
 * @throws EncodingError `TEXT_NOT_ENCODABLE` on a NUL character or a lone surrogate.
 */
export function encodeCsvCell(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw EncodingError.notEncodable('a CSV cell', 'text without NUL characters and lone surrogates')
  }
  const isFormula = (FORMULA.test(text) || startsWithBreak(text)) && !NUMBER.test(text)
  return `"${isFormula ? "'" : ''}${text.replaceAll('"', '""')}"`
}

/**
 * The cells as one record of a CSV file, its CR LF included.
 * @throws EncodingError `TEXT_NOT_ENCODABLE` as {@link encodeCsvCell} does.
 */
export function encodeCsvRow(cells: readonly string[]): string {
  return `${cells.map(encodeCsvCell).join(',')}\r\n`
}

/** A tab or line break in front makes some spreadsheets drop it and look at what follows. */
function startsWithBreak(text: string): boolean {
  return /^'*[\t\r\n]/.test(text)
}
