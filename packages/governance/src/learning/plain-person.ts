import type { Actor } from '@golden-arch/core/audit'

/**
 * Characters, first and last of each range, that do not show or pass for a plain space: with them one id could be taken
 * for another on a screen. Kept as code points, as most of them would not show here either.
 */
const UNSEEN: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x1f],
  [0x7f, 0xa0],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x1680, 0x1680],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x206f],
  [0x2800, 0x2800],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xe0000, 0xe0fff],
]

/** Whether `actor` is a person under an id that reads as what it is: no blank at an end, and nothing that does not show. */
export function isPlainPerson(actor: Actor): boolean {
  const { id, kind } = actor
  return kind === 'human' && id === id.trim() && !Array.from(id).some(isUnseen)
}

/** Whether a character does not show, or passes for a plain space. */
export function isUnseen(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return UNSEEN.some(([first, last]) => code >= first && code <= last)
}

/** Whether a text says anything: a character that shows. */
export function hasWords(text: string): boolean {
  return Array.from(text).some((character) => character !== ' ' && !isUnseen(character))
}
