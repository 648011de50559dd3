import { describe, expect, it } from 'vitest'
import type { SqlDatabase, SqlExecutor, SqlSession } from '../../ports/sql-database.ts'

/** How a session keeps one connection, and cleans up after itself. */
export function describeSqlSessions(database: () => SqlDatabase): void {
  const setting = async (executor: SqlExecutor): Promise<unknown> => {
    const { rows } = await executor.query("SELECT current_setting('application_name') AS name")
    return rows[0]?.name
  }

  describe('sessions', () => {
    it('keeps settings and temporary tables between statements, and leaves neither behind', async () => {
      await database().session(async (session) => {
        expect(session.scope).toBe('session')
        await session.script("SET application_name = 'kept'; CREATE TEMP TABLE short_lived (n int)")
        await session.query('INSERT INTO short_lived VALUES (1)')
        expect(await setting(session)).toBe('kept')
      })
      expect(await setting(database())).not.toBe('kept')
      await expect(database().query('SELECT * FROM short_lived')).rejects.toMatchObject({
        code: 'QUERY_FAILED',
      })
    })

    it('its advisory locks are free when it has ended, also when it failed', async () => {
      const failing = database().session(async (session) => {
        await session.query('SELECT pg_advisory_lock(4711)')
        throw new Error('on purpose')
      })
      await expect(failing).rejects.toThrow('on purpose')
      const { rows } = await database().query(
        "SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711",
      )
      expect(rows).toEqual([{ held: 0n }])
    })

    it('a transaction that it left open is rolled back', async () => {
      await database().script('CREATE TABLE left_open (n int)')
      await database().session(async (session) => {
        await session.query('BEGIN')
        await session.query('INSERT INTO left_open VALUES (1)')
      })
      await expect(database().query('SELECT n FROM left_open')).resolves.toMatchObject({ rowCount: 0 })
    })

    it('runs transactions on its own connection, one at a time', async () => {
      const refused = { code: 'ROOT_DATABASE_IN_TRANSACTION' }
      await database().session(async (session) => {
        await session.script("SET application_name = 'kept'")
        await session.transaction(async (tx) => {
          expect(await setting(tx)).toBe('kept')
          await expect(session.query('SELECT 1')).rejects.toMatchObject(refused)
          await expect(session.transaction(async () => 1)).rejects.toMatchObject(refused)
          await expect(database().query('SELECT 1')).rejects.toMatchObject(refused)
        })
        expect((await session.query('SELECT 1')).rowCount).toBe(1)
      })
    })

    it('inside, the database itself is refused; afterwards, the session', async () => {
      const kept: SqlSession[] = []
      await database().session(async (session) => {
        kept.push(session)
        await expect(database().query('SELECT 1')).rejects.toMatchObject({
          code: 'ROOT_DATABASE_IN_TRANSACTION',
        })
      })
      const closed = { code: 'TRANSACTION_CLOSED' }
      for (const session of kept) {
        await expect(session.query('SELECT 1')).rejects.toMatchObject(closed)
        await expect(session.script('SELECT 1')).rejects.toMatchObject(closed)
        await expect(session.transaction(async () => 1)).rejects.toMatchObject(closed)
      }
    })

    it('a failed statement does not spoil the next one', async () => {
      await database().session(async (session) => {
        await expect(session.query('SELECT 1 / 0')).rejects.toMatchObject({ code: 'QUERY_FAILED' })
        expect((await session.query('SELECT 1')).rowCount).toBe(1)
      })
    })

    it('a transaction that a statement of the database left open reaches nobody', async () => {
      await database().script('CREATE TABLE after_begin (n int)')
      await database().query('BEGIN')
      await database().query('INSERT INTO after_begin VALUES (1)')
      await database().query('ROLLBACK')
      expect((await database().query('SELECT n FROM after_begin')).rowCount).toBe(1)
    })
  })
}
