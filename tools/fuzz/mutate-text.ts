/** Gives a whole number from 0 to below `sides`. */
export type Dice = (sides: number) => number

/** Dice that fall the same for the same seed (a 32-bit generator by the name of mulberry32). */
export function seededDice(seed: number): Dice {
  let state = seed | 0
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

const MAX_CHARACTERS = 4000

/** `text` with one to four changes: pieces taken out, doubled, put in from `tokens`, or crossed over from `other`. */
export function mutateText(text: string, other: string, tokens: readonly string[], dice: Dice): string {
  let changed = text
  for (let left = 1 + dice(4); left > 0; left--) changed = changeOnce(changed, other, tokens, dice)
  return changed.slice(0, MAX_CHARACTERS)
}

function changeOnce(text: string, other: string, tokens: readonly string[], dice: Dice): string {
  const start = dice(text.length + 1)
  const end = Math.min(text.length, start + dice(dice(4) === 0 ? 200 : 8))
  const before = text.slice(0, start)
  const piece = text.slice(start, end)
  const after = text.slice(end)
  switch (dice(6)) {
    case 0:
      return before + after
    case 1:
      return before + piece + piece + after
    case 2:
      return before + String.fromCharCode(dice(dice(2) === 0 ? 0x80 : 0x10000)) + after
    case 3:
      return before + other.slice(dice(other.length + 1))
    case 4:
      return before + (tokens[dice(tokens.length)] ?? '') + after
    default:
      return before + (tokens[dice(tokens.length)] ?? '') + piece + after
  }
}
