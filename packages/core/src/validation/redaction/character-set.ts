/** A set of ASCII characters. */
export type CharacterSet = Uint8Array

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'

/** A set of exactly these characters. */
export function characterSet(characters: string): CharacterSet {
  const set = new Uint8Array(128)
  for (const character of characters) set[character.charCodeAt(0)] = 1
  return set
}

/** `A-Z 2-9 0 1`: what access key ids are written in. */
export const UPPER_AND_DIGITS: CharacterSet = characterSet(LETTERS.slice(0, 26) + DIGITS)
/** Letters and digits. */
export const ALPHANUMERIC: CharacterSet = characterSet(LETTERS + DIGITS)
/** Letters, digits and the underscore. */
export const WORD: CharacterSet = characterSet(`${LETTERS + DIGITS}_`)
/** Base64 for URLs: letters, digits, `-` and `_`. */
export const URL_SAFE: CharacterSet = characterSet(`${LETTERS + DIGITS}-_`)
/** Base64 for URLs, and the dot that parts its pieces. */
export const DOTTED: CharacterSet = characterSet(`${LETTERS + DIGITS}-_.`)
/** Base64. */
export const BASE64: CharacterSet = characterSet(`${LETTERS + DIGITS}+/=`)
/** What a bearer token may hold (RFC 6750, section 2.1). */
export const BEARER: CharacterSet = characterSet(`${LETTERS + DIGITS}-._~+/=`)

/** Whether the character at `index` is in the set; false outside the text. */
export function isIn(set: CharacterSet, text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code < 128 && set[code] === 1
}

/** The first index from `from` on whose character is not in the set. */
export function endOfRun(set: CharacterSet, text: string, from: number): number {
  let index = from
  while (isIn(set, text, index)) index++
  return index
}
