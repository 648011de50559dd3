import { createPostgresSchema, describeWithService, type PostgresSchema } from '@golden-arch/testkit'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { encodeSqlIdentifier } from '../encoders/encode-sql-identifier.ts'
import { sql } from './sql.ts'

const HOSTILE = [
  "'; DROP TABLE kept; --",
  '"; DROP TABLE kept; --',
  '$1',
  "\\'; DROP TABLE kept; --",
  '""',
  "''",
  '/*',
  '$$',
]
const text = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE))
  .filter((value) => !value.includes('\0'))
const name = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
    fc.constantFrom(...HOSTILE, 'SELECT', 'a.b', ' '),
  )
  .filter((value) => !value.includes('\0') && Buffer.byteLength(value) <= 63)

describeWithService('postgres', 'sql on PostgreSQL', (address) => {
  let schema: PostgresSchema
  let pool: pg.Pool
  beforeAll(async () => {
    schema = await createPostgresSchema(address)
    pool = new pg.Pool({ ...schema.poolConfig, max: 1 })
    await pool.query('CREATE TABLE kept AS SELECT 1 AS id')
  })
  // Whatever a test was about, nothing else happened.
  afterEach(async () => {
    const { rows } = await pool.query('SELECT count(*)::int AS count FROM kept')
    expect(rows).toEqual([{ count: 1 }])
  })
  afterAll(async () => {
    await pool.end()
    await schema.drop()
  })

  it('values come back as they are', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, fc.array(text, { maxLength: 5 }), async (first, second, list) => {
        const query = sql`SELECT ${first}::text AS a, ${sql`(${second}::text)`} AS b, ${list}::text[] AS c`
        const { rows } = await pool.query(query.text, [...query.values])
        expect(rows).toEqual([{ a: first, b: second, c: list }])
      }),
      { numRuns: 60 },
    )
  })

  it('a quoted name is exactly that name, of a column and of a table', async () => {
    await fc.assert(
      fc.asyncProperty(name, name, async (table, column) => {
        await pool.query(
          `CREATE TEMPORARY TABLE ${encodeSqlIdentifier(table)} (${encodeSqlIdentifier(column)} int)`,
        )
        const query = sql`SELECT ${sql.identifier(column)} FROM ${sql.identifier('pg_temp', table)}`
        const { fields } = await pool.query(query.text, [...query.values])
        expect(fields.map((field) => field.name)).toEqual([column])
        const tables = await pool.query(
          "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'",
        )
        expect(tables.rows).toEqual([{ relname: table }])
        await pool.query(`DROP TABLE ${encodeSqlIdentifier(table)}`)
      }),
      { numRuns: 60 },
    )
  })
})
