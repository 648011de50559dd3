import type { SqlStatement } from './sql-scanner.ts'
import { StatementWords } from './statement-words.ts'

const KINDS = ['TABLE', 'VIEW', 'SEQUENCE'] as const

/**
 * The table, view or sequence that a statement makes or gives another name, as written, ready for `to_regclass`; undefined
 * where it does neither. What SQL in a string makes is not seen.
 */
export function createdRelation(statement: SqlStatement): string | undefined {
  const words = new StatementWords(statement.tokens)
  if (words.take('ALTER')) {
    if (!KINDS.some((kind) => words.take(kind))) return undefined
    words.take('IF', 'EXISTS')
    const schema = words.takeNameParts()?.slice(0, -1) ?? []
    const name = words.take('RENAME', 'TO') ? words.takeNameParts() : undefined
    // What gets another name stays in its schema.
    return name === undefined ? undefined : [...schema, ...name].join('.')
  }
  if (!words.take('CREATE')) return undefined
  words.take('OR', 'REPLACE')
  words.take('UNLOGGED')
  words.take('MATERIALIZED')
  if (!KINDS.some((kind) => words.take(kind))) return undefined
  words.take('IF', 'NOT', 'EXISTS')
  return words.takeQualifiedName()
}
