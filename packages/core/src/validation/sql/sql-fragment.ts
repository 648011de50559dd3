/** What a `sql` template may hold in its `${}`: another fragment, or a value that is bound. */
export type SqlInput = SqlFragment | SqlValue | readonly SqlValue[]

/** A value that PostgreSQL binds. */
export type SqlValue = string | number | bigint | boolean | Date | Uint8Array | null

/** One part of a fragment: text of the statement, or a value to bind. */
export type SqlPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: SqlValue | readonly SqlValue[] }

/** Two neighbours that would become one token: `limit` and `$1`, `$1` and `0`, two quoted names. */
const GROWS_TOGETHER = /^(?:[\w$\u{80}-\u{10FFFF}]{2}|""|'')$/u

/** What `console.log` and `inspect` of Node ask an object for; where there is no Node, nobody does. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/**
 * A piece of SQL and the values bound in it. Only the `sql` template makes one, so that neither a string nor JSON of the
 * same shape can be taken for it. Never changes.
 */
export class SqlFragment {
  /** Held privately: what has no such field is no fragment. */
  readonly #parts: readonly SqlPart[]

  /** For the `sql` template. */
  constructor(parts: readonly SqlPart[]) {
    this.#parts = parts
    Object.defineProperty(this, INSPECT, { value: printed })
  }

  /** Whether `value` was made by the `sql` template. */
  static is(value: unknown): value is SqlFragment {
    return typeof value === 'object' && value !== null && #parts in value
  }

  /** The parts, in order. */
  get parts(): readonly SqlPart[] {
    return this.#parts
  }

  /** The statement with `$1`, `$2` ... in place of its values. */
  get text(): string {
    let count = 0
    return this.#parts.reduce((text, part) => {
      const next = part.kind === 'text' ? part.text : `$${++count}`
      return GROWS_TOGETHER.test(`${text.slice(-1)}${next.slice(0, 1)}`) ? `${text} ${next}` : text + next
    }, '')
  }

  /** The values, in the order of their placeholders. */
  get values(): readonly (SqlValue | readonly SqlValue[])[] {
    return this.#parts.flatMap((part) => (part.kind === 'value' ? [part.value] : []))
  }
}

/** As it is printed: its text and how many values it has, none of which belongs in a log. */
function printed(this: SqlFragment): string {
  return `SqlFragment { text: ${JSON.stringify(this.text)}, values: ${this.values.length} }`
}
