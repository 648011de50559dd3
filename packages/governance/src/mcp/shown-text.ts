import { isUnseen } from '../learning/plain-person.ts'

/** A text in one line, as a form may show it: line breaks and all that does not show are written out, as `\u{202e}`. */
export function shownText(text: string): string {
  return Array.from(text, (character) => (isUnseen(character) ? writtenOut(character) : character)).join('')
}

function writtenOut(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
