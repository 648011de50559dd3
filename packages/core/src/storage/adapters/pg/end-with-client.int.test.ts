import {
  createPostgresSchema,
  describeWithService,
  type PostgresSchema,
  randomName,
} from '@golden-arch/testkit'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../../time/index.ts'
import { FakeClock } from '../../../time/testing/index.ts'
import { endWithClient } from './end-with-client.ts'
import { PgDatabase } from './pg-database.ts'

describeWithService('postgres', 'what a client leaves behind', (address) => {
  let schema: PostgresSchema
  let holder: pg.Client
  /** Sees connections anew each time, as one within a transaction does not. */
  let watcher: pg.Client
  const pools: pg.Pool[] = []
  const open = (poolConfig: pg.PoolConfig = {}, clock: Clock = systemClock) => {
    const name = randomName('left')
    const pool = new pg.Pool({
      ...{ ...schema.poolConfig, max: 2, application_name: name, onConnect: endWithClient },
      ...poolConfig,
    })
    pools.push(pool)
    return { name, database: new PgDatabase({ pool, clock }) }
  }
  const waiting = async (name: string): Promise<unknown> => {
    const sql = `SELECT count(*)::int AS found FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`
    return (await watcher.query(sql, [name])).rows[0]?.found
  }
  const settings = `SELECT current_setting('client_connection_check_interval') AS check,
                           current_setting('idle_in_transaction_session_timeout') AS idle`

  beforeAll(async () => {
    schema = await createPostgresSchema(address)
  })
  beforeEach(async () => {
    holder = new pg.Client(schema.poolConfig)
    watcher = new pg.Client(schema.poolConfig)
    await Promise.all([holder.connect(), watcher.connect()])
    await holder.query('CREATE TABLE IF NOT EXISTS held (n int); TRUNCATE held; INSERT INTO held VALUES (0)')
  })
  afterEach(async () => {
    await Promise.all([holder.end(), watcher.end()])
    await Promise.all(pools.splice(0).map((pool) => pool.end()))
  })
  afterAll(() => schema.drop())

  it('waits for a held row no longer: statements that were given up hold no connection', async () => {
    const clock = new FakeClock()
    const { name, database } = open({}, clock)
    await holder.query('BEGIN')
    await holder.query('UPDATE held SET n = 1')
    const change = () => database.transaction((tx) => tx.query('UPDATE held SET n = 2'))
    const outcomes = Promise.allSettled([change(), change()])
    await expect.poll(() => waiting(name), { timeout: 20_000 }).toBe(2)
    await clock.advance(60_000)
    const unavailable = { status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE' } }
    expect(await outcomes).toMatchObject([unavailable, unavailable])
    // The row is held all the while.
    await expect.poll(() => waiting(name), { timeout: 20_000 }).toBe(0)
    await holder.query('ROLLBACK')
    expect(await change()).toMatchObject({ rowCount: 1 })
  })

  it('is a statement for a second at most, and a silent transaction for a minute', async () => {
    const { rows } = await open().database.query(settings)
    expect(rows).toEqual([{ check: '1s', idle: '1min' }])
  })

  it('is what the address or the role says where it says so: its silent transaction lets go of what it holds', async () => {
    const options = `${schema.poolConfig.options} -c client_connection_check_interval=5s -c idle_in_transaction_session_timeout=300`
    const { database } = open({ options })
    expect((await database.query(settings)).rows).toEqual([{ check: '5s', idle: '300ms' }])
    const outcome = database.transaction(async (tx) => {
      await tx.query('UPDATE held SET n = 2')
      // It comes to its turn once the silent one was ended.
      await holder.query('UPDATE held SET n = 3')
      await tx.query('UPDATE held SET n = 4')
    })
    await expect(outcome).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
    expect((await holder.query('SELECT n FROM held')).rows).toEqual([{ n: 3 }])
  })
})
