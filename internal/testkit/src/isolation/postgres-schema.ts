import pg from 'pg'
import { randomName } from './random-name.ts'

/** What `new pg.Pool` needs in order to work inside one schema. */
export interface SchemaPoolConfig {
  readonly connectionString: string
  /** Sets `search_path` on each connection, before its first query. */
  readonly options: string
}

/** A schema of its own for one test file, so that files run side by side on one server. */
export interface PostgresSchema {
  readonly schema: string
  readonly poolConfig: SchemaPoolConfig
  /** Drops the schema and all it holds. End the pools first: a lock that is still held is an error after 10 seconds. */
  drop(): Promise<void>
}

/** Makes an empty schema with a random name; connections of its `poolConfig` see this schema alone. */
export async function createPostgresSchema(address: string): Promise<PostgresSchema> {
  const schema = randomName('test')
  await runStatement(address, `CREATE SCHEMA ${schema}`)
  return {
    schema,
    poolConfig: { connectionString: address, options: `-c search_path=${schema}` },
    drop: () => runStatement(address, `DROP SCHEMA IF EXISTS ${schema} CASCADE`),
  }
}

async function runStatement(address: string, sql: string): Promise<void> {
  const client = new pg.Client({
    connectionString: address,
    connectionTimeoutMillis: 10_000,
    options: '-c lock_timeout=10s',
  })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
