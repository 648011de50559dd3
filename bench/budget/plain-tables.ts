import { createPostgresSchema } from '@golden-arch/testkit'
import pg from 'pg'
import { budgetCount, LIMIT_TOKENS, type Services, type Shape } from './contender.ts'

/** The two tables that a hand-written budget keeps, and a pool on them. It writes no ledger. */
export interface PlainTables {
  readonly pool: pg.Pool
  /** Ids of the rows that a call counts in, ascending. */
  pathOf(budget: number): readonly number[]
  usedTokens(): Promise<number>
  close(): Promise<void>
  remove(): Promise<void>
}

/** Makes the tables in a schema of their own, with a row for each budget. */
export async function openPlainTables(services: Services, shape: Shape): Promise<PlainTables> {
  const { poolConfig, drop } = await createPostgresSchema(services.postgresAddress)
  const levels = shape === '4 levels' ? 4 : 1
  // On a connection of its own, so that its work is counted before the round begins.
  const client = new pg.Client(poolConfig)
  await client.connect()
  await client.query(`
    CREATE TABLE budget (id int PRIMARY KEY, lim bigint NOT NULL, used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
      reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0)) WITH (fillfactor = 40);
    CREATE TABLE reservation (id uuid PRIMARY KEY, path int[] NOT NULL, amount bigint NOT NULL, actual bigint,
      state "char" NOT NULL DEFAULT 'P');
    INSERT INTO budget (id, lim) SELECT g, ${LIMIT_TOKENS} FROM generate_series(1, ${budgetCount(shape) * levels}) g`)
  await client.end()
  const pool = new pg.Pool({ ...poolConfig, max: services.connections })
  return {
    pool,
    pathOf: (budget) => Array.from({ length: levels }, (_, level) => budget * levels + level + 1),
    async usedTokens() {
      const { rows } = await pool.query<{ used: string }>('SELECT sum(used) AS used FROM budget')
      return Number(rows[0]?.used) / levels
    },
    close: () => pool.end(),
    remove: drop,
  }
}
