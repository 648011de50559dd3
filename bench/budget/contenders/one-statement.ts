import type pg from 'pg'
import { type Contender, HELD_TOKENS, USED_TOKENS } from '../contender.ts'
import { openPlainTables, type PlainTables } from '../plain-tables.ts'

const HOLD = {
  name: 'hold',
  text: `
    WITH locked AS MATERIALIZED (
      SELECT id, lim, used, reserved FROM budget WHERE id = ANY($2::int[]) ORDER BY id FOR UPDATE
    ), made AS (
      INSERT INTO reservation (id, path, amount) SELECT $1::uuid, $2::int[], $3::bigint
       WHERE (SELECT bool_and(lim - used - reserved >= $3::bigint) FROM locked)
      ON CONFLICT (id) DO NOTHING RETURNING amount
    ), moved AS (
      UPDATE budget b SET reserved = l.reserved + m.amount FROM locked l, made m WHERE b.id = l.id RETURNING b.id
    )
    SELECT count(*)::int AS done FROM moved`,
}
const COMMIT = {
  name: 'commit',
  text: `
    WITH locked AS MATERIALIZED (
      SELECT id, used, reserved FROM budget WHERE id = ANY($2::int[]) ORDER BY id FOR UPDATE
    ), settled AS (
      UPDATE reservation SET state = 'C', actual = $3::bigint
       WHERE id = $1::uuid AND state = 'P' AND (SELECT count(*) FROM locked) > 0 RETURNING amount
    ), moved AS (
      UPDATE budget b SET reserved = l.reserved - s.amount, used = l.used + $3::bigint
        FROM locked l, settled s WHERE b.id = l.id RETURNING b.id
    )
    SELECT count(*)::int AS done FROM moved`,
}

/** Holds by the one statement. */
export async function holdByStatement(
  { pool, pathOf }: PlainTables,
  requestId: string,
  budget: number,
): Promise<void> {
  await run(pool, { ...HOLD, values: [requestId, pathOf(budget), HELD_TOKENS] })
}

/** Commits by the one statement. */
export async function commitByStatement(
  { pool, pathOf }: PlainTables,
  requestId: string,
  budget: number,
): Promise<void> {
  await run(pool, { ...COMMIT, values: [requestId, pathOf(budget), USED_TOKENS] })
}

/** One statement for each call, committed by itself. */
export const oneStatement: Contender = {
  name: '2 one statement',
  shapes: ['one budget', '1000 budgets', '4 levels'],
  async open(services, shape) {
    const tables = await openPlainTables(services, shape)
    return {
      hold: (requestId, budget) => holdByStatement(tables, requestId, budget),
      commit: (requestId, budget) => commitByStatement(tables, requestId, budget),
      usedTokens: tables.usedTokens,
      close: tables.close,
      remove: tables.remove,
    }
  },
}

async function run(pool: pg.Pool, query: pg.QueryConfig): Promise<void> {
  const { rows } = await pool.query<{ done: number }>(query)
  if (!rows[0]?.done) throw new Error('nothing was moved')
}
