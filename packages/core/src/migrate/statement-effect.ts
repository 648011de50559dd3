import type { SqlExecutor } from '../storage/index.ts'
import type { SqlStatement } from './sql-scanner.ts'
import { StatementWords } from './statement-words.ts'

/** What the catalogue of the database shows of a statement that ran outside a transaction. */
export type StatementEffect =
  | { readonly kind: 'applied'; readonly evidence: string }
  | { readonly kind: 'not-applied'; readonly evidence: string }
  /** An index was left invalid. `leftover` is its name, quoted and with its schema, ready for SQL. */
  | { readonly kind: 'half-applied'; readonly evidence: string; readonly leftover: string }
  | { readonly kind: 'unknown'; readonly evidence: string }

/** A statement whose effect can be looked up, or another. Names are as written, ready for `to_regclass`. */
export type ObservableStatement =
  | {
      readonly kind: 'create-index'
      readonly index: string
      readonly table: string
      readonly isTolerant: boolean
    }
  | { readonly kind: 'drop-index'; readonly index: string; readonly isTolerant: boolean }
  | { readonly kind: 'other' }

/** Recognises `CREATE INDEX CONCURRENTLY name ON table` and `DROP INDEX CONCURRENTLY name`. */
export function observe(statement: SqlStatement): ObservableStatement {
  const words = new StatementWords(statement.tokens)
  if (words.take('DROP', 'INDEX', 'CONCURRENTLY')) {
    const isTolerant = words.take('IF', 'EXISTS')
    const index = words.takeQualifiedName()
    return index === undefined || words.isNext(',')
      ? { kind: 'other' }
      : { kind: 'drop-index', index, isTolerant }
  }
  if (!words.take('CREATE')) return { kind: 'other' }
  words.take('UNIQUE')
  if (!words.take('INDEX', 'CONCURRENTLY')) return { kind: 'other' }
  const isTolerant = words.take('IF', 'NOT', 'EXISTS')
  const index = words.isNext('ON') ? undefined : words.takeName()
  if (index === undefined || !words.take('ON')) return { kind: 'other' }
  words.take('ONLY')
  const table = words.takeQualifiedName()
  return table === undefined ? { kind: 'other' } : { kind: 'create-index', index, table, isTolerant }
}

/** Looks up what `statement` has left in the database. */
export async function effectOf(
  executor: SqlExecutor,
  statement: ObservableStatement,
): Promise<StatementEffect> {
  if (statement.kind === 'other')
    return { kind: 'unknown', evidence: 'the statement leaves no mark to look for' }
  if (statement.kind === 'drop-index') {
    const { rows } = await executor.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [statement.index])
    return rows.length === 0
      ? { kind: 'applied', evidence: `index ${statement.index} is gone` }
      : { kind: 'not-applied', evidence: `index ${statement.index} is there` }
  }
  const { rows } = await executor.query<{ is_valid: boolean; index_name: string }>(
    `SELECT i.indisvalid AND i.indisready AS is_valid, format('%I.%I', n.nspname, c.relname) AS index_name
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE i.indrelid = to_regclass($1) AND c.relname = $2`,
    [statement.table, statement.index],
  )
  const [row] = rows
  if (row === undefined)
    return { kind: 'not-applied', evidence: `no index ${statement.index} on ${statement.table}` }
  const name = row.index_name
  return row.is_valid
    ? { kind: 'applied', evidence: `index ${name} is valid` }
    : { kind: 'half-applied', evidence: `index ${name} is invalid`, leftover: name }
}
