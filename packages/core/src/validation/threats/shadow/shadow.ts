import { foldConfusable } from './confusables.ts'
import { isInvisible } from './invisible.ts'

/** A text as it would read after normalisation, with the way back to the original. */
export interface Shadow {
  readonly text: string
  /** The place of the original that `text.slice(start, end)` stands for. An empty place stays empty. */
  readonly toOriginal: (start: number, end: number) => readonly [start: number, end: number]
}

const PLAIN = /^[\n\r\t\x20-\x7e]*$/
/** A character with the marks that follow it; the marks of one character are bounded so that no segment grows without end. */
const SEGMENT = /[\s\S]\p{M}{0,16}/gu

/**
 * The shadow of `text`: NFKC of each character with its marks, invisible characters left out, look-alikes of Latin letters
 * folded. Linear in the length of the text.
 */
export function shadowOf(text: string): Shadow {
  if (PLAIN.test(text)) return { text, toOriginal: (start, end) => [start, end] }
  const parts: string[] = []
  const starts: number[] = []
  const ends: number[] = []
  for (const match of text.matchAll(SEGMENT)) {
    const segment = match[0]
    const normal = normalSegment(segment)
    parts.push(normal)
    for (let unit = 0; unit < normal.length; unit++) {
      starts.push(match.index)
      ends.push(match.index + segment.length)
    }
  }
  const toOriginal = (start: number, end: number): readonly [number, number] => {
    const from = starts[start] ?? text.length
    return end <= start ? [from, from] : [from, ends[end - 1] ?? text.length]
  }
  return { text: parts.join(''), toOriginal }
}

function normalSegment(segment: string): string {
  if (segment.length === 1 && segment <= '~') return segment
  let seen = ''
  for (const character of segment) if (!isInvisible(character)) seen += character
  let folded = ''
  for (const character of seen.normalize('NFKC')) {
    // A compatibility form may stand for an invisible character.
    if (!isInvisible(character)) folded += foldConfusable(character)
  }
  return folded
}
