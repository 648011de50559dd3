import type { SqlDatabase } from '@golden-arch/core/storage'

/** `database`, where `happen` comes before each statement that has `part` in its text, outside transactions. */
export function beforeStatement(
  database: SqlDatabase,
  part: string,
  happen: () => Promise<unknown>,
): SqlDatabase {
  const query: SqlDatabase['query'] = async (text, values, options) => {
    if (text.includes(part)) await happen()
    // Safe: the rows are those of the caller's own statement.
    return database.query<never>(text, values, options)
  }
  return new Proxy(database, {
    get: (target, name) => {
      if (name === 'query') return query
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
