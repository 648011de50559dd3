import { describeWithService, randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openPostgres } from '../../testing/messaging-databases.ts'
import { SqlBroker } from './sql-broker.ts'

describeWithService('postgres', 'streams on PostgreSQL', (address) => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    opened = await openPostgres(address)
  }, 300_000)
  afterAll(() => opened.close())

  test('streams that are changed in one order while a transaction publishes to them in the other do not lock each other out', async () => {
    const [database, other] = opened.databases
    const [first, second] = [randomName('s'), randomName('s')].sort() as [string, string] // two of them
    const streamsOf = (maxAgeMs: number) =>
      [second, first].map((stream) => ({ stream, subjects: [`${stream}.>`], maxAgeMs }))
    const [broker, changing] = [new SqlBroker({ database }), new SqlBroker({ database: other })]
    await broker.ensure(streamsOf(600_000))
    let changed: Promise<unknown> | undefined
    await database.transaction(async (tx) => {
      const publish = (stream: string) =>
        broker.publish({ subject: `${stream}.x`, messageId: 'a', payload: new Uint8Array(1) }, { tx })
      await publish(first)
      changed = changing.ensure(streamsOf(700_000))
      changed.catch(() => undefined)
      const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      const waiting = 'SELECT FROM pg_stat_activity WHERE $1::integer = ANY (pg_blocking_pids(pid))'
      const isWaitedFor = async () => (await other.query(waiting, [rows[0]?.pid])).rowCount > 0
      await vi.waitUntil(isWaitedFor, 20_000)
      await publish(second)
    })
    expect(await changed).toMatchObject({ updated: [second, first] })
    for (const one of [broker, changing]) await one.close({ drainTimeoutMs: 0 })
  })
})
