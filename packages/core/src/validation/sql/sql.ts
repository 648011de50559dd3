import { encodeSqlIdentifier } from '../encoders/encode-sql-identifier.ts'
import { EncodingError } from '../encoders/encoding-error.ts'
import { scanSqlText } from './open-quote.ts'
import { SqlFragment, type SqlInput, type SqlPart, type SqlValue } from './sql-fragment.ts'

/** The `sql` template and what goes with it. */
export interface SqlTag {
  /**
   * A statement or a piece of one. Each `${value}` is bound, never written into the text; each `${sql`...`}` becomes part
   * of the text, its values numbered on. Pass `fragment.text` and `fragment.values` to `query`.
   * @throws EncodingError `SQL_TEMPLATE_INVALID` when it is called as a function, when a `${}` stands within quotes or a
   * comment, when a piece leaves one open, when a `$1` is written by hand, or on a value that cannot be bound (undefined,
   * an object: pass JSON as text).
   */
  (strings: TemplateStringsArray, ...inputs: readonly SqlInput[]): SqlFragment
  /**
   * A name, quoted; more than one give a qualified name (`"schema"."table"`).
   * @throws EncodingError `TEXT_NOT_ENCODABLE` on a name that PostgreSQL cannot hold; `SQL_TEMPLATE_INVALID` without one.
   */
  identifier(...names: readonly string[]): SqlFragment
  /**
   * The fragments or values one after the other with `separator` between them, by default a comma. Empty for none.
   * @throws EncodingError `SQL_TEMPLATE_INVALID` on a value that cannot be bound.
   */
  join(inputs: readonly SqlInput[], separator?: SqlFragment): SqlFragment
  /** Nothing: for a condition that does not apply. */
  readonly empty: SqlFragment
}

const COMMA = new SqlFragment([{ kind: 'text', text: ', ' }])

/** SQL in which text stays text: a tagged template that gives `{ text, values }`. For PostgreSQL and PGlite. */
export const sql: SqlTag = Object.freeze(
  Object.assign(template, { identifier, join, empty: new SqlFragment([]) }),
)

function template(strings: TemplateStringsArray, ...inputs: readonly SqlInput[]): SqlFragment {
  if (!Array.isArray(strings) || !Object.isFrozen(strings) || strings.raw?.length !== inputs.length + 1) {
    throw invalid('sql is a template tag, not a function')
  }
  const parts: SqlPart[] = []
  strings.forEach((text, index) => {
    const { open, hasPlaceholder } = scanSqlText(text)
    if (open !== null) throw invalid(`piece ${index + 1} of the template leaves a ${open} open`)
    if (hasPlaceholder) throw invalid(`piece ${index + 1} of the template holds a placeholder of its own`)
    if (text !== '') parts.push({ kind: 'text', text })
    if (index < inputs.length) parts.push(...partsOf(inputs[index], index))
  })
  return new SqlFragment(parts)
}

function identifier(...names: readonly string[]): SqlFragment {
  if (names.length === 0) throw invalid('an identifier needs a name')
  return new SqlFragment([{ kind: 'text', text: names.map(encodeSqlIdentifier).join('.') }])
}

function join(inputs: readonly SqlInput[], separator: SqlFragment = COMMA): SqlFragment {
  return new SqlFragment(
    inputs.flatMap((input, index) => [...(index === 0 ? [] : separator.parts), ...partsOf(input, index)]),
  )
}

function partsOf(input: unknown, index: number): readonly SqlPart[] {
  if (SqlFragment.is(input)) return input.parts
  if (isValue(input)) return [{ kind: 'value', value: input }]
  if (Array.isArray(input) && input.every(isValue))
    return [{ kind: 'value', value: Object.freeze([...input]) }]
  throw invalid(
    `input ${index + 1} cannot be bound: pass a string, number, bigint, boolean, Date, bytes or null`,
  )
}

function isValue(input: unknown): input is SqlValue {
  if (input === null || input instanceof Date || input instanceof Uint8Array) return true
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof input)
}

function invalid(message: string): EncodingError {
  return new EncodingError({ code: 'SQL_TEMPLATE_INVALID', message })
}
