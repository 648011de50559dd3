import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema } from '@golden-arch/testkit'
import pg from 'pg'

/** A schema of its own on the server, as the command line and as the test see it. */
export interface PostgresOfATest {
  /** An address whose connections see the schema alone. */
  readonly url: string
  readonly database: PgDatabase
  close(): Promise<void>
}

/** Makes a schema, with the tables of `modules`. */
export async function openPostgresOfATest(
  address: string,
  modules: readonly string[] = [],
): Promise<PostgresOfATest> {
  const { schema, poolConfig, drop } = await createPostgresSchema(address)
  const pool = new pg.Pool({ ...poolConfig, max: 2 })
  const database = new PgDatabase({ pool })
  if (modules.length > 0) {
    const migrations = await readMigrationFolder('migrations')
    await new Migrator({ database, migrations }).up({ modules })
  }
  const url = new URL(address)
  url.searchParams.set('options', `-c search_path=${schema}`)
  return {
    url: url.href,
    database,
    close: async () => {
      await pool.end()
      await drop()
    },
  }
}
