/** One row of two texts side by side: a line of each, or of one alone. */
export interface DifferenceRow {
  readonly kind: 'same' | 'changed' | 'removed' | 'added'
  /** The line of the earlier text, from 1; null where it has none here. */
  readonly earlier: NumberedLine | null
  /** The line of the later text; null where it has none here. */
  readonly later: NumberedLine | null
}

/** A line of a text. */
export interface NumberedLine {
  /** Counts from 1. */
  readonly line: number
  /** Without its line break. */
  readonly text: string
}

/** Two texts side by side, line by line. */
export interface LineDifference {
  /** All lines of both, in order. */
  readonly rows: readonly DifferenceRow[]
  /** Lines of the later text that the earlier one does not have at that place. */
  readonly addedLines: number
  /** Lines of the earlier text that the later one no longer has at that place. */
  readonly removedLines: number
  /** False where the texts differ so much that the smallest difference was not looked for. */
  readonly isSmallest: boolean
}

/** Differences between two texts beyond which lines are no longer matched: the work and the memory grow with its square. */
const MAX_EDITS = 1000

/**
 * Puts two texts side by side: the smallest number of lines inserted and deleted, by E. W. Myers' greedy algorithm
 * (Algorithmica 1 (1986) 251–266), inserted ones beside the deleted ones that they follow. Beyond `maxEdits` all that
 * stands between the common beginning and end is one change.
 */
export function lineDifference(earlier: string, later: string, maxEdits: number = MAX_EDITS): LineDifference {
  const a = linesOf(earlier)
  const b = linesOf(later)
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start++
  let end = 0
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const middle = matchedLines(a.slice(start, a.length - end), b.slice(start, b.length - end), maxEdits)
  const matches = [
    ...Array.from({ length: start }, (_, index): Match => [index, index]),
    ...(middle ?? []).map(([x, y]): Match => [x + start, y + start]),
    ...Array.from({ length: end }, (_, index): Match => [a.length - end + index, b.length - end + index]),
  ]
  return {
    rows: rowsOf(a, b, matches),
    addedLines: b.length - matches.length,
    removedLines: a.length - matches.length,
    isSmallest: middle !== undefined,
  }
}

/** Places of one line in both texts. */
type Match = readonly [earlier: number, later: number]

/** Lines as PostgreSQL and people count them: a text without a line break is one, the empty text has none. */
function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n')
}

/** The longest run of lines that both have in one order; undefined where more than `maxEdits` stand between. */
function matchedLines(
  a: readonly string[],
  b: readonly string[],
  maxEdits: number,
): readonly Match[] | undefined {
  // Of each number of edits, how far into `a` each diagonal was come.
  const trace: Int32Array[] = []
  let reached = new Int32Array([0])
  for (let edits = 0; edits <= maxEdits; edits++) {
    const next = new Int32Array(2 * edits + 1)
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = edits === 0 ? 0 : stepTo(reached, edits, diagonal)
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++
      next[diagonal + edits] = x
      if (x >= a.length && x - diagonal >= b.length) return backwards(trace, a.length, b.length, edits)
    }
    trace.push(next)
    reached = next
  }
  return undefined
}

/** How far an edit comes on a diagonal, by a line deleted or one inserted, whichever comes further. */
function stepTo(before: Int32Array, edits: number, diagonal: number): number {
  const isInserted =
    diagonal === -edits || (diagonal !== edits && comesFrom(before, edits, diagonal) === 'inserted')
  return isInserted ? placeOf(before, edits, diagonal + 1) : placeOf(before, edits, diagonal - 1) + 1
}

function comesFrom(before: Int32Array, edits: number, diagonal: number): 'inserted' | 'deleted' {
  return placeOf(before, edits, diagonal - 1) < placeOf(before, edits, diagonal + 1) ? 'inserted' : 'deleted'
}

/** Of the round before `edits`, whose diagonals begin at `1 - edits`. */
function placeOf(before: Int32Array, edits: number, diagonal: number): number {
  return before[diagonal + edits - 1] ?? -1
}

function backwards(
  trace: readonly Int32Array[],
  xEnd: number,
  yEnd: number,
  edits: number,
): readonly Match[] {
  const matches: Match[] = []
  let [x, y] = [xEnd, yEnd]
  for (let left = edits; left > 0; left--) {
    const before = trace[left - 1] ?? new Int32Array([0])
    const diagonal = x - y
    const isInserted =
      diagonal === -left || (diagonal !== left && comesFrom(before, left, diagonal) === 'inserted')
    const from = placeOf(before, left, isInserted ? diagonal + 1 : diagonal - 1)
    const after = isInserted ? from : from + 1
    while (x > after) matches.push([--x, --y])
    if (isInserted) y--
    else x--
  }
  while (x > 0) matches.push([--x, --y])
  return matches.reverse()
}

function rowsOf(
  a: readonly string[],
  b: readonly string[],
  matches: readonly Match[],
): readonly DifferenceRow[] {
  const rows: DifferenceRow[] = []
  let [x, y] = [0, 0]
  for (const [nextX, nextY] of [...matches, [a.length, b.length] as const]) {
    for (; x < nextX || y < nextY; ) {
      const earlier = x < nextX ? numbered(a, x++) : null
      const later = y < nextY ? numbered(b, y++) : null
      const kind = earlier === null ? 'added' : later === null ? 'removed' : 'changed'
      rows.push({ kind, earlier, later })
    }
    if (x < a.length && y < b.length)
      rows.push({ kind: 'same', earlier: numbered(a, x++), later: numbered(b, y++) })
  }
  return rows
}

function numbered(lines: readonly string[], index: number): NumberedLine {
  return { line: index + 1, text: lines[index] ?? '' }
}
