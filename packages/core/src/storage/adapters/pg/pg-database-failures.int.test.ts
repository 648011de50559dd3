import { createPostgresSchema, describeWithService, type PostgresSchema } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { RecordingLogger } from '../../../observability/testing/index.ts'
import { PgDatabase } from './pg-database.ts'
import type { PgDatabaseOptions } from './pg-database-options.ts'

describeWithService('postgres', 'PgDatabase when things go wrong', (address) => {
  let schema: PostgresSchema
  const pools: pg.Pool[] = []
  const open = (poolConfig: pg.PoolConfig = {}, options: Partial<PgDatabaseOptions> = {}) => {
    const pool = new pg.Pool({ ...schema.poolConfig, max: 2, ...poolConfig })
    pools.push(pool)
    return { pool, database: new PgDatabase({ pool, ...options }) }
  }
  beforeAll(async () => {
    schema = await createPostgresSchema(address)
  })
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => (pool.ended ? undefined : pool.end())))
  })
  afterAll(() => schema.drop())

  const KILL_SELF = 'SELECT pg_terminate_backend(pg_backend_pid())'

  describe('a lost connection', () => {
    it('inside a transaction is retryable: nothing was committed; the client is discarded', async () => {
      const { pool, database } = open({ max: 1 })
      await database.script('CREATE TABLE lost (n int)')
      const outcome = database.transaction(async (tx) => {
        await tx.query('INSERT INTO lost VALUES (1)')
        await tx.query(KILL_SELF)
      })
      await expect(outcome).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
      expect(pool.totalCount).toBe(0)
      expect((await database.query('SELECT n FROM lost')).rowCount).toBe(0)
    })

    it('during COMMIT leaves the outcome unknown', async () => {
      const { pool, database } = open({ max: 1 })
      await database.script(`
        CREATE TABLE doomed (n int);
        CREATE FUNCTION kill_self() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON doomed
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kill_self();
      `)
      const outcome = database.transaction((tx) => tx.query('INSERT INTO doomed VALUES (1)'))
      await expect(outcome).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: false })
      expect(pool.totalCount).toBe(0)
    })

    it('under a statement that commits by itself leaves the outcome unknown', async () => {
      const { database } = open()
      await expect(database.query(KILL_SELF)).rejects.toMatchObject({
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
      })
      expect((await database.query('SELECT 1')).rowCount).toBe(1)
    })

    it('that the transaction swallows still fails it, and nothing else is sent', async () => {
      const { database } = open()
      const outcome = database.transaction(async (tx) => {
        await tx.query(KILL_SELF).catch(() => undefined)
        await expect(tx.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
      })
      await expect(outcome).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
    })

    it('of an idle client ends no process and reaches no caller', async () => {
      const { pool, database } = open({ max: 2 })
      const { rows } = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      const other = open()
      await other.database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
      await vi.waitFor(() => expect(pool.totalCount).toBe(0), { timeout: 10_000 })
      expect((await database.query('SELECT 1')).rowCount).toBe(1)
    })
  })

  describe('giving up', () => {
    it('by signal ends the wait for a statement, discards its client and fails its transaction', async () => {
      const { pool, database } = open({ max: 1 })
      const controller = new AbortController()
      const { signal } = controller
      const started = vi.waitFor(() => expect(pool.totalCount - pool.idleCount).toBe(1), { timeout: 10_000 })
      const outcome = database.transaction(async (tx) => {
        const sleeping = tx.query('SELECT pg_sleep(5)', [], { signal })
        await started
        controller.abort('stop')
        await expect(sleeping).rejects.toMatchObject({ code: 'ABORTED', cause: 'stop' })
        await expect(tx.query('SELECT 1')).rejects.toMatchObject({ code: 'ABORTED' })
      })
      await expect(outcome).rejects.toMatchObject({ code: 'ABORTED' })
      expect(pool.totalCount).toBe(0)
      expect((await database.query('SELECT 1')).rowCount).toBe(1)
    })

    it('by the time limit is an unknown outcome alone, and a retryable failure in a transaction', async () => {
      const { pool, database } = open({}, { statementTimeoutMs: 50 })
      await expect(database.query('SELECT pg_sleep(5)')).rejects.toMatchObject({
        code: 'OUTCOME_UNKNOWN',
        cause: { details: { timeoutMs: 50 } },
      })
      const outcome = database.transaction((tx) => tx.query('SELECT pg_sleep(5)'))
      await expect(outcome).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
      expect(pool.totalCount).toBe(0)
    })

    it('the time limit does not hold for a session', async () => {
      const { database } = open({}, { statementTimeoutMs: 1 })
      const answer = await database.session((session) => session.query('SELECT pg_sleep(0.05)'))
      expect(answer.rowCount).toBe(1)
    })

    it("the server's own limits have their codes", async () => {
      const { database } = open({ max: 3 })
      await database.script('CREATE TABLE held (n int); INSERT INTO held VALUES (1)')
      await database.transaction(async (tx) => {
        await tx.query('SELECT n FROM held FOR UPDATE')
        const { database: other } = open()
        const waiting = other.transaction(async (second) => {
          await second.query('SELECT n FROM held FOR UPDATE NOWAIT')
        })
        await expect(waiting).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', retryable: true })
        const slow = other.transaction(async (second) => {
          await second.script('SET LOCAL statement_timeout = 20')
          await second.query('SELECT pg_sleep(5)')
        })
        await expect(slow).rejects.toMatchObject({ code: 'QUERY_CANCELLED' })
      })
    })
  })

  describe('the pool', () => {
    it('exhausted is unavailable after the time limit, or at once by signal, and its client goes back', async () => {
      const { pool, database } = open({ max: 1 })
      const impatient = new PgDatabase({ pool, acquireTimeoutMs: 30 })
      await database.transaction(async () => {
        const late = { code: 'DATABASE_UNAVAILABLE', retryable: true }
        await expect(impatient.query('SELECT 1')).rejects.toMatchObject(late)
        const controller = new AbortController()
        const other = new PgDatabase({ pool })
        const waiting = other.transaction(async () => expect.unreachable(), { signal: controller.signal })
        controller.abort()
        await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
      })
      expect((await database.query('SELECT 1')).rowCount).toBe(1)
      expect(pool.waitingCount).toBe(0)
      expect(pool.idleCount).toBe(1)
    })

    it('unreachable is unavailable', async () => {
      const { database } = open({ connectionString: 'postgres://127.0.0.1:1/none' })
      await expect(database.query('SELECT 1')).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        retryable: true,
      })
    })

    it('ended is closed', async () => {
      const { pool, database } = open()
      await pool.end()
      await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
    })

    it('keeps its own parsers, and gives clients back without listeners of ours', async () => {
      const { pool, database } = open({ max: 1 })
      const before = pool.listenerCount('error')
      for (let index = 0; index < 20; index++) await database.query('SELECT 1')
      new PgDatabase({ pool })
      expect(pool.listenerCount('error')).toBe(before)
      const client = await pool.connect()
      expect(client.listenerCount('error')).toBe(0)
      client.release()
      expect((await pool.query('SELECT 1::int8 AS n')).rows).toEqual([{ n: '1' }])
    })

    it('says how many transactions it can hold, and refuses to promise more', () => {
      const { pool, database } = open({ max: 7 })
      expect(database.capabilities).toEqual({ maxConcurrentTransactions: 7, durability: 'power-loss' })
      expect(() => new PgDatabase({ pool, maxConcurrentTransactions: 8 })).toThrow(
        invalidOption('maxConcurrentTransactions'),
      )
    })
  })

  it('listens again after its connection was lost', async () => {
    const logger = new RecordingLogger()
    const { pool, database } = open({ max: 2, application_name: 'listener' }, { logger })
    const controller = new AbortController()
    const heard: string[] = []
    await database.listen('again', (payload) => heard.push(payload), { signal: controller.signal })
    const { database: other } = open()
    await other.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener'",
    )
    const notify = async (): Promise<void> => {
      await other.query("SELECT pg_notify('again', 'still here')")
      expect(heard).toContain('still here')
    }
    await vi.waitFor(notify, { timeout: 20_000, interval: 50 })
    expect(logger.messages('warn')).toContain('notification connection lost')
    controller.abort()
    await vi.waitFor(() => expect(pool.totalCount).toBe(0), { timeout: 10_000 })
  })
})
