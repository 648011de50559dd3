/** One line of the final table. */
export interface ResultRow {
  readonly task: string
  readonly outcome: string
  readonly reason: string
  readonly attempts: number
  readonly tests: string
  readonly review: string
  readonly tokens: number
  readonly isAsExpected: boolean
}

const HEADINGS = ['task', 'outcome', 'reason', 'attempts', 'tests', 'review', 'tokens', 'as expected']

/** The rows as a table of plain text, numbers to the right. */
export function resultTable(rows: readonly ResultRow[]): string {
  const cells = rows.map((row) => [
    row.task,
    row.outcome,
    row.reason,
    String(row.attempts),
    row.tests,
    row.review,
    row.tokens.toLocaleString('en-US'),
    row.isAsExpected ? 'yes' : 'NO',
  ])
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((line) => line[column]?.length ?? 0)),
  )
  const isNumber = new Set([3, 4, 6])
  const format = (line: readonly string[]): string =>
    line
      .map((cell, column) =>
        isNumber.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [format(HEADINGS), rule, ...cells.map(format)].join('\n')
}
