import { BudgetController } from '@golden-arch/budget'
import { silentLogger } from '@golden-arch/core/observability'
import { FakeClock } from '@golden-arch/core/time/testing'
import {
  createPostgresSchema,
  describeWithService,
  type PostgresSchema,
  randomName,
} from '@golden-arch/testkit'
import pg from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openDatabase } from './open-database.ts'

const LATER = 900

describeWithService('postgres', 'a schema that a later release has migrated', (address) => {
  let schema: PostgresSchema
  let pool: pg.Pool
  let url: string

  beforeEach(async () => {
    schema = await createPostgresSchema(address)
    pool = new pg.Pool(schema.poolConfig)
    const location = new URL(address)
    location.searchParams.set('options', schema.poolConfig.options)
    url = location.href
    const migrated = await openDatabase({ url, folder: '' }, silentLogger, { migrates: true })
    await migrated.close()
  })
  afterEach(async () => {
    await pool.end()
    await schema.drop()
  })

  const record = async (version: number, state: string): Promise<void> =>
    void (await pool.query(
      `INSERT INTO schema_migrations (version, name, module, checksum, runner_version, state)
       SELECT $1, 'later', module, repeat('a', 64), runner_version, $2 FROM schema_migrations WHERE version = 1`,
      [version, state],
    ))

  it.each(['done', 'running'])('lets a process of this release start, and says so: %s', async (state) => {
    await record(LATER, state)
    const said: unknown[] = []
    const logger = { ...silentLogger, warn: (facts: unknown, text?: string) => void said.push([facts, text]) }
    const opened = await openDatabase({ url, folder: '' }, logger)
    await opened.close()
    expect(said).toEqual([[{ versions: [LATER] }, 'the schema is of a later release']])
  })

  it('refuses it still where what this release knows is not as it left it', async () => {
    await record(LATER, 'done')
    await pool.query(`UPDATE schema_migrations SET checksum = repeat('b', 64) WHERE version = 2`)
    await expect(openDatabase({ url, folder: '' }, silentLogger)).rejects.toMatchObject({
      code: 'MIGRATION_DRIFT',
    })
  })

  it('refuses a start that would migrate it', async () => {
    await record(LATER, 'done')
    await expect(openDatabase({ url, folder: '' }, silentLogger, { migrates: true })).rejects.toMatchObject({
      code: 'MIGRATION_FILE_MISSING',
    })
  })
})

describeWithService('postgres', 'the connections of a process', (address) => {
  it('are two while it has nothing to do, of the many that it had', async () => {
    const watching = new pg.Pool({ connectionString: address, max: 1 })
    const schema = await createPostgresSchema(address)
    const name = randomName('pool')
    const location = new URL(address)
    location.searchParams.set('options', schema.poolConfig.options)
    location.searchParams.set('application_name', name)
    const open = async (): Promise<unknown> => {
      const sql = 'SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = $1'
      return (await watching.query(sql, [name])).rows[0]?.open
    }
    // The pool closes what nobody needs by a timer, which nobody here waits for.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { database, close } = await openDatabase({ url: location.href, folder: '' }, silentLogger, {
      migrates: true,
    })
    await Promise.all([1, 2, 3, 4].map(() => database.query('SELECT pg_sleep(0.5)')))
    expect(await open()).toBe(4)
    await vi.advanceTimersByTimeAsync(60_000)
    vi.useRealTimers()
    await expect.poll(open, { timeout: 60_000 }).toBe(2)
    await close()
    await expect.poll(open, { timeout: 60_000 }).toBe(0)
    await schema.drop()
    await watching.end()
  })

  it('are free again where what they wait for stays held: a budget costs no other its connections', async () => {
    const schema = await createPostgresSchema(address)
    const name = randomName('pool')
    const location = new URL(address)
    location.searchParams.set('options', schema.poolConfig.options)
    location.searchParams.set('application_name', name)
    const { database, close } = await openDatabase({ url: location.href, folder: '' }, silentLogger, {
      migrates: true,
    })
    const holder = new pg.Client(schema.poolConfig)
    const watching = new pg.Client(schema.poolConfig)
    await Promise.all([holder.connect(), watching.connect()])
    const waiting = async (): Promise<unknown> => {
      const sql = `SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`
      return (await watching.query(sql, [name])).rows[0]?.open
    }
    const clock = new FakeClock()
    const budgets = new BudgetController({ database, clock })
    const scope = { tenantId: 't', projectId: 'p' }
    await budgets.setLimit({ scope, limitTokens: 100, actor: { id: 'alice', kind: 'human' } })
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM budgets FOR UPDATE')
    const asked = budgets.requestTokens({ ...scope, requestId: 'r1', tokens: 1 })
    const outcome = asked.catch((error: unknown) => error)
    await expect.poll(waiting, { timeout: 20_000 }).toBe(1)
    await clock.advance(10_000)
    expect(await outcome).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    await expect.poll(waiting, { timeout: 20_000 }).toBe(0)
    await holder.query('ROLLBACK')
    expect(await budgets.requestTokens({ ...scope, requestId: 'r2', tokens: 1 })).toMatchObject({
      status: 'granted',
    })
    await close()
    await Promise.all([holder.end(), watching.end()])
    await schema.drop()
  })
})
