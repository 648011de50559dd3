import { isUnseen } from '../learning/plain-person.ts'

/** What Unicode says is not shown, and the marks of annotations, which are not shown either. */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\u{fff9}-\u{fffb}]/u

/** A text in one line, as a form may show it: line breaks and all that does not show are written out, as `\u{202e}`. */
export function shownText(text: string): string {
  return Array.from(text, (character) => (isHidden(character) ? writtenOut(character) : character)).join('')
}

function isHidden(character: string): boolean {
  return isUnseen(character) || HIDDEN.test(character)
}

function writtenOut(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
