import type { SqlDatabase } from '@golden-arch/core/storage'

/** Those of the tables that the database has: an application migrates the modules that it uses. */
export async function tablesAmong<const Name extends string>(
  database: SqlDatabase,
  names: readonly Name[],
): Promise<ReadonlySet<Name>> {
  const { rows } = await database.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL',
    [names],
  )
  const there = new Set(rows.map(({ name }) => name))
  return new Set(names.filter((name) => there.has(name)))
}
