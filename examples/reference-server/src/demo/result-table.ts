import type { Money } from '@golden-arch/budget'
import type { TaskFigures } from './task-figures.ts'

/** What a root came to. */
export interface ResultRow extends Omit<TaskFigures, 'seconds'> {
  readonly task: string
  readonly outcome: string
  readonly reason: string
  readonly tokens: number
  /** Null: its models have no prices. */
  readonly money: Money | null
  /** Null: tasks that were done at once have no time in all. */
  readonly seconds: number | null
  readonly isAsExpected: boolean
}

interface Column {
  readonly heading: string
  readonly cellOf: (row: ResultRow) => string
  readonly isText?: boolean
}

const MAX_NAME_CHARACTERS = 28
const MICROS = 1_000_000

const COLUMNS: readonly Column[] = [
  { heading: 'task', cellOf: ({ task }) => shortened(task), isText: true },
  { heading: 'state', cellOf: ({ outcome }) => outcome, isText: true },
  { heading: 'steps', cellOf: ({ steps }) => String(steps) },
  { heading: 'calls', cellOf: ({ calls }) => String(calls) },
  { heading: 'guards', cellOf: ({ failedGuards }) => String(failedGuards) },
  { heading: 'fixes', cellOf: ({ helpfulFixes, fixes }) => ofAll(helpfulFixes, fixes) },
  { heading: 'votes', cellOf: ({ approvals, votes }) => ofAll(approvals, votes) },
  { heading: 'tokens', cellOf: ({ tokens }) => tokens.toLocaleString('en-US') },
]
const SECONDS: Column = { heading: 'secs', cellOf: ({ seconds }) => seconds?.toFixed(1) ?? '' }
const MARK: Column = { heading: '', cellOf: ({ isAsExpected }) => (isAsExpected ? '' : 'NO'), isText: true }

/** What the headings mean that do not say it. */
export const TABLE_LEGEND =
  'guards: refused moves; fixes: those that helped, of all; votes: for it, of all; NO: not as expected'

/** The rows as a table of plain text no wider than 100 columns, numbers to the right, their sums below. */
export function resultTable(rows: readonly ResultRow[]): string {
  const currency = rows.find(({ money }) => money !== null)?.money?.currency
  const prices: readonly Column[] =
    currency === undefined ? [] : [{ heading: currency, cellOf: ({ money }) => amount(money) }]
  const columns = [...COLUMNS, ...prices, SECONDS, MARK]
  const sums = rows.length === 0 ? [] : [sumOf(rows)]
  const widths = columns.map(({ heading, cellOf }) =>
    Math.max(heading.length, ...[...rows, ...sums].map((row) => cellOf(row).length)),
  )
  const lineOf = (textOf: (column: Column) => string): string =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0
        return column.isText === true ? textOf(column).padEnd(width) : textOf(column).padStart(width)
      })
      .join(' ')
      .trimEnd()
  const rule = widths
    .slice(0, -1)
    .map((width) => '-'.repeat(width))
    .join(' ')
  const cells = (row: ResultRow): string => lineOf(({ cellOf }) => cellOf(row))
  return [
    lineOf(({ heading }) => heading),
    rule,
    ...rows.map(cells),
    ...(sums.length === 0 ? [] : [rule, ...sums.map(cells)]),
  ].join('\n')
}

/** All rows as one: its state says how many of them are completed. */
function sumOf(rows: readonly ResultRow[]): ResultRow {
  const sum = (of: (row: ResultRow) => number): number => rows.reduce((total, row) => total + of(row), 0)
  const priced = rows.flatMap(({ money }) => (money === null ? [] : [money]))
  const [first] = priced
  return {
    task: `all ${rows.length}`,
    outcome: `${rows.filter(({ outcome }) => outcome === 'completed').length} done`,
    reason: '',
    steps: sum(({ steps }) => steps),
    calls: sum(({ calls }) => calls),
    failedGuards: sum(({ failedGuards }) => failedGuards),
    fixes: sum(({ fixes }) => fixes),
    helpfulFixes: sum(({ helpfulFixes }) => helpfulFixes),
    votes: sum(({ votes }) => votes),
    approvals: sum(({ approvals }) => approvals),
    tokens: sum(({ tokens }) => tokens),
    money:
      first === undefined
        ? null
        : { currency: first.currency, micros: priced.reduce((total, { micros }) => total + micros, 0n) },
    seconds: null,
    isAsExpected: true,
  }
}

function ofAll(some: number, all: number): string {
  return all === 0 ? '' : `${some}/${all}`
}

function amount(money: Money | null): string {
  return money === null ? '' : (Number(money.micros) / MICROS).toFixed(4)
}

function shortened(name: string): string {
  return name.length <= MAX_NAME_CHARACTERS ? name : `${name.slice(0, MAX_NAME_CHARACTERS - 1)}…`
}
