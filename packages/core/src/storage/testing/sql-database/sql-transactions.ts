import { beforeAll, describe, expect, it } from 'vitest'
import type { SqlDatabase, SqlTransaction } from '../../ports/sql-database.ts'

/** How transactions begin, end, and keep apart. */
export function describeSqlTransactions(database: () => SqlDatabase): void {
  const numbers = async (): Promise<number[]> => {
    const { rows } = await database().query<{ n: number }>('SELECT n FROM in_transactions ORDER BY n')
    return rows.map((row) => row.n)
  }
  const insert = (n: number): [string, number[]] => ['INSERT INTO in_transactions VALUES ($1)', [n]]

  describe('transactions', () => {
    beforeAll(() => database().script('CREATE TABLE in_transactions (n int PRIMARY KEY)'))

    it('commits what it resolved with', async () => {
      const result = await database().transaction(async (tx) => {
        await tx.query(...insert(1))
        expect(tx.scope).toBe('transaction')
        return 'done'
      })
      expect(result).toBe('done')
      expect(await numbers()).toContain(1)
    })

    it('rolls back what it threw, and throws that very error on', async () => {
      const failure = new Error('on purpose')
      const run = async (tx: SqlTransaction): Promise<never> => {
        await tx.query(...insert(2))
        throw failure
      }
      await expect(database().transaction(run)).rejects.toBe(failure)
      expect(await numbers()).not.toContain(2)
    })

    it('is told when COMMIT rolled back because the error of a statement was swallowed', async () => {
      const outcome = database().transaction(async (tx) => {
        await tx.query(...insert(3))
        await tx.query('SELECT 1 / 0').catch(() => undefined)
      })
      await expect(outcome).rejects.toMatchObject({
        code: 'QUERY_FAILED',
        details: { sqlState: '22012' },
        cause: { code: 'QUERY_FAILED' },
      })
      expect(await numbers()).not.toContain(3)
    })

    it('a constraint that fails at COMMIT fails the transaction by its code', async () => {
      await database().script(`
        CREATE TABLE deferred_parents (id int PRIMARY KEY);
        CREATE TABLE deferred (parent_id int REFERENCES deferred_parents DEFERRABLE INITIALLY DEFERRED);
      `)
      const outcome = database().transaction((tx) => tx.query('INSERT INTO deferred VALUES (9)'))
      await expect(outcome).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
      expect((await database().query('SELECT 1 FROM deferred')).rowCount).toBe(0)
    })

    it('inside, the database itself is refused, however it is called', async () => {
      const refused = { code: 'ROOT_DATABASE_IN_TRANSACTION' }
      await database().transaction(async () => {
        await expect(database().query('SELECT 1')).rejects.toMatchObject(refused)
        await expect(database().script('SELECT 1')).rejects.toMatchObject(refused)
        await expect(database().transaction(async () => 1)).rejects.toMatchObject(refused)
        await expect(database().session(async () => 1)).rejects.toMatchObject(refused)
      })
      expect((await database().query('SELECT 1')).rowCount).toBe(1)
    })

    it('work left running by a transaction may use the database once it has ended', async () => {
      let left: Promise<unknown> = Promise.resolve()
      let end: () => void = () => {}
      const ended = new Promise<void>((resolve) => {
        end = resolve
      })
      await database().transaction(async () => {
        left = ended.then(() => database().query('SELECT 1'))
      })
      end()
      await expect(left).resolves.toMatchObject({ rowCount: 1 })
    })

    it('cannot be used once it has ended, either way', async () => {
      const kept: SqlTransaction[] = []
      await database().transaction(async (tx) => void kept.push(tx))
      const fail = async (tx: SqlTransaction): Promise<never> => {
        kept.push(tx)
        throw new Error('on purpose')
      }
      await database()
        .transaction(fail)
        .catch(() => undefined)
      for (const tx of kept) {
        await expect(tx.query('SELECT 1')).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' })
        await expect(tx.script('SELECT 1')).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' })
      }
      expect(kept).toHaveLength(2)
    })

    it('statements sent at once run one after the other, and one that nobody awaited is still part of it', async () => {
      await database().transaction(async (tx) => {
        await Promise.all([tx.query(...insert(10)), tx.query(...insert(11)), tx.query(...insert(12))])
        void tx.query(...insert(13))
      })
      expect(await numbers()).toEqual(expect.arrayContaining([10, 11, 12, 13]))
    })

    it.each(['read committed', 'repeatable read', 'serializable'] as const)(
      'runs at %s',
      async (isolation) => {
        const read = (tx: SqlTransaction): Promise<unknown> =>
          tx.query<{ level: string }>("SELECT current_setting('transaction_isolation') AS level")
        expect(await database().transaction(read, { isolation })).toMatchObject({
          rows: [{ level: isolation }],
        })
      },
    )

    it('refuses an isolation that PostgreSQL does not know', async () => {
      // The cast stands for a caller without types.
      const options = { isolation: 'chaos' } as unknown as { isolation: 'serializable' }
      await expect(database().transaction(async () => 1, options)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      })
    })

    it('an aborted signal keeps a transaction from starting', async () => {
      const signal = AbortSignal.abort()
      const run = async (): Promise<void> => expect.unreachable()
      await expect(database().transaction(run, { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    })

    it('many at once lose no update', async () => {
      await database().script(
        'CREATE TABLE tally (id int PRIMARY KEY, n int); INSERT INTO tally VALUES (1, 0)',
      )
      const add = (): Promise<void> =>
        database().transaction(async (tx) => {
          const { rows } = await tx.query<{ n: number }>('SELECT n FROM tally WHERE id = 1 FOR UPDATE')
          await tx.query('UPDATE tally SET n = $1 WHERE id = 1', [(rows[0]?.n ?? 0) + 1])
        })
      await Promise.all(Array.from({ length: 25 }, add))
      expect((await database().query('SELECT n FROM tally')).rows).toEqual([{ n: 25 }])
    })
  })
}
