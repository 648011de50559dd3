import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import { foldedText } from './folded-text.ts'

/** Words that must not follow one another, whatever stands between them. */
export interface FragmentSequence {
  /** 2 to 8 fragments, in this order. */
  readonly inOrder: readonly string[]
  /** Most characters between one and the next, 0 to 1000. */
  readonly maxGapCharacters: number
}

/** A text that must not occur, 1 to 1000 characters, or a sequence of such texts. */
export type ForbiddenFragment = string | FragmentSequence

/** A fragment in the form in which it is looked for. */
export interface FragmentPattern {
  /** As the options name it, for findings. */
  readonly label: string
  readonly pieces: readonly string[]
  readonly maxGap: number
}

/** @throws InvalidOptionError `INVALID_OPTION` on a fragment of which nothing is left to look for, or out of its range. */
export function fragmentPattern(option: string, fragment: ForbiddenFragment): FragmentPattern {
  if (typeof fragment === 'string') {
    return { label: `"${fragment}"`, pieces: [requireFragment(option, fragment)], maxGap: 0 }
  }
  const { inOrder, maxGapCharacters } = fragment
  if (!Array.isArray(inOrder) || inOrder.length < 2 || inOrder.length > 8) {
    throw new InvalidOptionError(`${option}.inOrder`, 'a list of 2 to 8 fragments', inOrder)
  }
  return {
    label: inOrder.map((one) => `"${one}"`).join(' … '),
    pieces: inOrder.map((one, index) => requireFragment(`${option}.inOrder[${index}]`, one)),
    maxGap: requireInteger(`${option}.maxGapCharacters`, maxGapCharacters, { max: 1000 }),
  }
}

/**
 * Whether `text`, which is folded, holds the pieces of `pattern` in their order with no more than the gap between one and
 * the next. Time grows with the length of the text times the number of pieces, whatever the text.
 */
export function holdsFragment(text: string, pattern: FragmentPattern): boolean {
  // The ends of the piece before this one that can be reached; at first every place may be one.
  let ends: readonly number[] | undefined
  for (const piece of pattern.pieces) {
    const found: number[] = []
    let next = 0
    for (const start of occurrences(text, piece)) {
      if (ends !== undefined) {
        while ((ends[next + 1] ?? Number.POSITIVE_INFINITY) <= start) next++
        const end = ends[next]
        if (end === undefined || end > start || start - end > pattern.maxGap) continue
      }
      found.push(start + piece.length)
      if (pattern.pieces.length === 1) return true
    }
    if (found.length === 0) return false
    ends = found
  }
  return true
}

/** Where `piece` begins in `text`, overlaps too, by Knuth, Morris and Pratt: each character is looked at once or twice. */
function* occurrences(text: string, piece: string): Iterable<number> {
  const fallback = borders(piece)
  let matched = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    while (matched > 0 && piece.charCodeAt(matched) !== unit) matched = fallback[matched - 1] ?? 0
    if (piece.charCodeAt(matched) === unit) matched++
    if (matched < piece.length) continue
    yield index + 1 - piece.length
    matched = fallback[matched - 1] ?? 0
  }
}

/** For each beginning of `piece` the length of its longest end that is a beginning too. */
function borders(piece: string): Int32Array {
  const table = new Int32Array(piece.length)
  let length = 0
  for (let index = 1; index < piece.length; index++) {
    while (length > 0 && piece.charCodeAt(length) !== piece.charCodeAt(index)) length = table[length - 1] ?? 0
    if (piece.charCodeAt(length) === piece.charCodeAt(index)) length++
    table[index] = length
  }
  return table
}

function requireFragment(option: string, fragment: unknown): string {
  const isText = typeof fragment === 'string' && fragment.length >= 1 && fragment.length <= 1000
  const folded = isText ? foldedText(fragment) : ''
  if (folded.trim() !== '') return folded
  throw new InvalidOptionError(option, 'a text of 1 to 1000 characters that shows something', fragment)
}
