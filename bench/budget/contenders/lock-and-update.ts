import type pg from 'pg'
import { type Contender, HELD_TOKENS, USED_TOKENS } from '../contender.ts'
import { openPlainTables } from '../plain-tables.ts'

const LOCK = {
  name: 'lock',
  text: 'SELECT lim - used - reserved AS room FROM budget WHERE id = ANY($1) ORDER BY id FOR UPDATE',
}
const HOLD = { name: 'hold', text: 'UPDATE budget SET reserved = reserved + $2 WHERE id = ANY($1)' }
const INSERT = { name: 'insert', text: 'INSERT INTO reservation (id, path, amount) VALUES ($1, $2, $3)' }
const SETTLE = {
  name: 'settle',
  text: `UPDATE reservation SET state = 'C', actual = $2 WHERE id = $1 AND state = 'P' RETURNING amount`,
}
const CHARGE = {
  name: 'charge',
  text: 'UPDATE budget SET reserved = reserved - $2, used = used + $3 WHERE id = ANY($1)',
}

/** BEGIN, SELECT FOR UPDATE, UPDATE, INSERT, COMMIT: a transaction for each call. */
export const lockAndUpdate: Contender = {
  name: '1 SELECT FOR UPDATE',
  shapes: ['one budget', '1000 budgets', '4 levels'],
  async open(services, shape) {
    const { pool, pathOf, usedTokens, close, remove } = await openPlainTables(services, shape)
    return {
      hold: (requestId, budget) =>
        transaction(pool, async (client) => {
          const path = pathOf(budget)
          const { rows } = await client.query<{ room: string }>({ ...LOCK, values: [path] })
          if (!rows.every(({ room }) => Number(room) >= HELD_TOKENS)) throw new Error('denied')
          await client.query({ ...HOLD, values: [path, HELD_TOKENS] })
          await client.query({ ...INSERT, values: [requestId, path, HELD_TOKENS] })
        }),
      commit: (requestId, budget) =>
        transaction(pool, async (client) => {
          const path = pathOf(budget)
          await client.query({ ...LOCK, values: [path] })
          const { rows } = await client.query<{ amount: string }>({
            ...SETTLE,
            values: [requestId, USED_TOKENS],
          })
          if (rows[0] === undefined) throw new Error('not held')
          await client.query({ ...CHARGE, values: [path, rows[0].amount, USED_TOKENS] })
        }),
      usedTokens,
      close,
      remove,
    }
  },
}

async function transaction(pool: pg.Pool, run: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await run(client)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
