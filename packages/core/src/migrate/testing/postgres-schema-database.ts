import { createPostgresSchema } from '@golden-arch/testkit'
import pg from 'pg'
import { PgDatabase, type SqlDatabase } from '../../storage/index.ts'
import type { EmptyDatabase } from './migrator.contract.ts'

/** An empty schema of a PostgreSQL server. */
export interface SchemaDatabase extends EmptyDatabase {
  readonly name: string
  /** A further database on the same schema: one may not be used inside its own transactions. */
  another(): SqlDatabase
  /** The address with which another process works in this schema, under `applicationName`. */
  addressFor(applicationName: string): string
}

/** Makes an empty schema on the server at `address`, and a database that sees it alone. */
export async function openSchema(address: string): Promise<SchemaDatabase> {
  const { schema, poolConfig, drop } = await createPostgresSchema(address)
  const pool = new pg.Pool({ ...poolConfig, max: 4 })
  return {
    name: schema,
    database: new PgDatabase({ pool }),
    another: () => new PgDatabase({ pool }),
    addressFor: (applicationName) => {
      const url = new URL(address)
      url.searchParams.set('options', `-c search_path=${schema}`)
      url.searchParams.set('application_name', applicationName)
      return url.href
    },
    remove: async () => {
      await pool.end()
      await drop()
    },
  }
}
