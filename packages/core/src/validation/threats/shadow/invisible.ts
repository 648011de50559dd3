/** The first of them: what is below is told apart at once. */
const FIRST = 0xad

/** Ranges of code points that show nothing, both ends inclusive, ascending. */
const RANGES: readonly (readonly [first: number, last: number])[] = [
  [FIRST, FIRST],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xe0000, 0xe0fff],
]

/** Whether `character` shows nothing: joiners, marks of direction, fillers, selectors of variants, tags. */
export function isInvisible(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return code >= FIRST && RANGES.some(([first, last]) => code >= first && code <= last)
}
