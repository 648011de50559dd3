import { type SqlStatement, scanSql } from '../../packages/core/src/migrate/sql-scanner.ts'

/** What a statement takes away from a release that was made before it, or newly demands of it. */
export interface Contraction {
  readonly line: number
  readonly what: string
}

/** Words that follow one another in a statement, and what they do to a release that does not know of them. */
const TAKING: readonly (readonly [words: string, what: string])[] = [
  ['DROP', 'takes something away'],
  ['RENAME', 'renames something'],
  ['TRUNCATE', 'empties a table'],
  ['SET NOT NULL', 'demands a value'],
  ['SET DATA TYPE', 'changes a type'],
  ['ADD CONSTRAINT', 'refuses rows that were taken'],
  ['ADD CHECK', 'refuses rows that were taken'],
  ['ADD FOREIGN KEY', 'refuses rows that were taken'],
  ['ADD PRIMARY KEY', 'refuses rows that were taken'],
  ['ADD EXCLUDE', 'refuses rows that were taken'],
  ['ADD UNIQUE', 'refuses rows that were taken'],
  ['CREATE UNIQUE INDEX', 'refuses rows that were taken'],
]

/**
 * The statements after which a process of the release before could fail. Two releases run on one database while one is
 * rolled out, and after it is rolled back: a migration adds, and what nobody uses any more goes a release later.
 * Statements about tables that the same text makes are left out.
 */
export function contractionsOf(sql: string): readonly Contraction[] {
  const { statements } = scanSql(sql)
  const own = new Set(statements.flatMap(tableMade))
  return statements.flatMap((statement) => {
    const words = statement.tokens.map(({ text }) => text.toUpperCase())
    // What comes after REFERENCES is told of, not changed.
    const references = words.indexOf('REFERENCES')
    const changed = references === -1 ? words : words.slice(0, references)
    if (changed.some((word) => own.has(word)) || words[0] === 'COMMENT') return []
    // Bodies of functions are literals, which the scanner leaves out.
    const text = ` ${words.join(' ')} `
    return [
      ...TAKING.filter(([taken]) => text.includes(` ${taken} `)).map(([, what]) => what),
      ...columns(text),
    ].map((what) => ({ line: statement.line, what }))
  })
}

function tableMade({ tokens }: SqlStatement): readonly string[] {
  const words = tokens.map(({ text }) => text.toUpperCase())
  const isTolerant = words.slice(2, 5).join(' ') === 'IF NOT EXISTS'
  const name = words[isTolerant ? 5 : 2]
  return words[0] === 'CREATE' && words[1] === 'TABLE' && name !== undefined ? [name] : []
}

/** A column that must have a value which the release before does not give; or one whose type is another now. */
function columns(text: string): readonly string[] {
  if (!text.startsWith(' ALTER TABLE ')) return []
  const added = text
    .split(/ ADD (?:COLUMN )?(?!CONSTRAINT |CHECK |UNIQUE |FOREIGN |PRIMARY |EXCLUDE )/)
    .slice(1)
  return [
    ...added
      .filter((column) => column.includes(' NOT NULL') && !/ (DEFAULT|GENERATED) /.test(`${column} `))
      .map(() => 'demands a value'),
    ...(/ ALTER (?:COLUMN )?\S+ TYPE /.test(text) ? ['changes a type'] : []),
  ]
}
