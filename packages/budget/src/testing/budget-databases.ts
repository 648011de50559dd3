import { readFile } from 'node:fs/promises'
import { PgDatabase, PgliteDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema } from '@golden-arch/testkit'
import { preparedPglite } from '@golden-arch/testkit/pglite'
import pg from 'pg'

/** A database with the tables of budgets, for one test file. */
export interface TestDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** PostgreSQL in the process, in memory. */
export async function openPglite(): Promise<TestDatabase> {
  const database = await PgliteDatabase.open({
    create: () =>
      preparedPglite('tables of budgets', async (pglite) =>
        prepareBudgets(await PgliteDatabase.open({ create: async () => pglite })),
      ),
  })
  return { database, close: () => database.close() }
}

/** Two pools, each with connections of its own, on one new schema of the server at `address`. */
export async function openPostgres(
  address: string,
): Promise<{ readonly databases: readonly [SqlDatabase, SqlDatabase]; close(): Promise<void> }> {
  const schema = await createPostgresSchema(address)
  const pools = [0, 1].map(() => new pg.Pool({ ...schema.poolConfig, max: 4 })) as [pg.Pool, pg.Pool] // two of them
  const first = new PgDatabase({ pool: pools[0] })
  await prepareBudgets(first)
  return {
    databases: [first, new PgDatabase({ pool: pools[1] })],
    close: async () => {
      await Promise.all(pools.map((pool) => pool.end()))
      await schema.drop()
    },
  }
}

/** Creates the tables. */
export async function prepareBudgets(database: SqlDatabase): Promise<void> {
  for (const name of ['001_events', '002_audit', '008_audit_chain', '005_budget', '023_budget_amounts']) {
    const file = new URL(`../../../../migrations/${name}.sql`, import.meta.url)
    await database.script(await readFile(file, 'utf8'))
  }
}
