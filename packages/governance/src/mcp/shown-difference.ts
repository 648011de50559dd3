import type { DifferenceRow, LineDifference } from '../learning/gates/line-difference.ts'
import { shownText } from './shown-text.ts'

/** Unchanged lines that are shown before and after a change. */
const CONTEXT_LINES = 3

/** A difference as people read it: `+` before each line that comes, `-` before each that goes, and the lines around them. */
export function shownDifference({ rows }: LineDifference): string {
  const near = nearChanges(rows)
  const lines: string[] = []
  let isGap = false
  for (const [index, { kind, earlier, later }] of rows.entries()) {
    if (near[index] !== true) {
      if (!isGap) lines.push('  …')
      isGap = true
      continue
    }
    isGap = false
    if (kind === 'same') lines.push(`  ${shownText(later?.text ?? '')}`)
    if (kind !== 'same' && earlier !== null) lines.push(`- ${shownText(earlier.text)}`)
    if (kind !== 'same' && later !== null) lines.push(`+ ${shownText(later.text)}`)
  }
  return lines.join('\n')
}

/** Of each row, whether a change is close by. */
function nearChanges(rows: readonly DifferenceRow[]): readonly boolean[] {
  const near = rows.map(() => false)
  for (const [index, { kind }] of rows.entries()) {
    if (kind !== 'same') near.fill(true, Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
  }
  return near
}
