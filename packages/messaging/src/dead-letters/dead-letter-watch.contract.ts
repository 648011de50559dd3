import type { Alert } from '@golden-arch/core/observability'
import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import { SqlBroker } from '../adapters/sql/index.ts'
import { DeadLetterQueue } from './dead-letter-queue.ts'

const PATIENCE = { timeout: 100_000 }
const actor = { id: 'ada', kind: 'human' } as const

/** What watching dead letters promises on any database; `databases` are two ways to the same one. */
export function deadLetterWatchContract(databases: () => readonly [SqlDatabase, SqlDatabase]): void {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  /** A process that watches. */
  function watchOn(database: SqlDatabase, broker: SqlBroker, alertAtUnresolved: number) {
    const metrics = new RecordingMetrics()
    const alerts: Alert[] = []
    const queue = new DeadLetterQueue({
      broker,
      database,
      metrics,
      alerts: { raise: (alert) => alerts.push(alert) },
      alertAtUnresolved,
      pollIntervalMs: 100,
    })
    const stopping = new AbortController()
    const watching = queue.run({ signal: stopping.signal })
    const stop = (): Promise<void> => {
      stopping.abort()
      return watching
    }
    ends.push(stop)
    const shows = (count: number): Promise<void> =>
      vi.waitFor(() => expect(metrics.gaugeValue('dlq_message_count')).toBe(count), PATIENCE)
    return { queue, alerts, stop, shows }
  }

  /** Gives messages of two tenants up, by a broker that keeps them in the database. */
  async function giveUpOn(database: SqlDatabase) {
    const broker = new SqlBroker({ database, pollIntervalMs: 50 })
    const stream = randomName('S').slice(0, 50)
    await broker.ensure([
      { stream, subjects: [`${stream}.>`] },
      { stream: `${stream}-aside`, subjects: [`${stream}-aside.>`] },
    ])
    await broker.subscribe(
      { stream, durable: 'hub', prefetch: 10, leaseMs: 30_000, maxAttempts: 5 },
      async (delivery) => {
        const tenantId = `${stream}-${Number(delivery.message.sequence) % 2}`
        const why = { reason: 'no use', code: 'NO_USE', attempts: 1, tenantId }
        await delivery.settle({ kind: 'dead-letter', ...why })
      },
    )
    ends.push(() => broker.close({ drainTimeoutMs: 5000 }))
    const giveUp = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const messageId = randomName('m')
        await broker.publish({ subject: `${stream}.x`, messageId, payload: new Uint8Array(1) })
      }
    }
    return { broker, stream, giveUp }
  }

  test('every process shows how many are unresolved, of all tenants, and one tells once that they are too many', async () => {
    const [database, second] = databases()
    const { broker, stream, giveUp } = await giveUpOn(database)
    const { unresolved: before } = await new DeadLetterQueue({ broker, database }).count({ allTenants: true })
    const one = watchOn(database, broker, before + 10)
    const other = watchOn(second, broker, before + 10)
    await giveUp(9)
    await Promise.all([one.shows(before + 9), other.shows(before + 9)])
    expect([...one.alerts, ...other.alerts]).toEqual([])
    await giveUp(2)
    await Promise.all([one.shows(before + 11), other.shows(before + 11)])
    expect([...one.alerts, ...other.alerts]).toMatchObject([{ kind: 'deadLetter.piledUp' }])

    await other.stop()
    const anew = watchOn(second, broker, before + 10)
    await anew.shows(before + 11)
    const { items } = await one.queue.list({ allTenants: true, stream })
    const [first = '', next = ''] = items.map(({ dlqId }) => dlqId)
    const scope = { allTenants: true, actor } as const
    await one.queue.resolve({ ...scope, dlqId: first })
    await Promise.all([one.shows(before + 10), anew.shows(before + 10)])
    await one.queue.redrive({ ...scope, select: { dlqIds: [next] }, to: `${stream}-aside.x` })
    await Promise.all([one.shows(before + 9), anew.shows(before + 9)])
    expect(anew.alerts).toEqual([])

    await giveUp(1)
    await Promise.all([one.shows(before + 10), anew.shows(before + 10)])
    expect([...one.alerts, ...other.alerts, ...anew.alerts]).toHaveLength(2)
  })

  test('dead letters that cannot be counted are told of, and counted once they can be', async () => {
    const [database] = databases()
    const { broker } = await giveUpOn(database)
    let failures = 2
    const flaky: SqlDatabase = {
      ...{ capabilities: database.capabilities, script: (text) => database.script(text) },
      ...{ query: (text, values) => database.query(text, values), session: (run) => database.session(run) },
      transaction: (run) =>
        failures-- > 0 ? Promise.reject(new Error('the database is away')) : database.transaction(run),
    }
    const [logger, metrics] = [new RecordingLogger(), new RecordingMetrics()]
    const queue = new DeadLetterQueue({ broker, database: flaky, logger, metrics, pollIntervalMs: 100 })
    const stopping = new AbortController()
    const watching = queue.run({ signal: stopping.signal })
    await vi.waitFor(() => expect(metrics.gaugeValue('dlq_message_count')).toBeDefined(), PATIENCE)
    stopping.abort()
    await watching
    expect(logger.lines).toEqual(
      [1, 2].map((count) => ({
        ...{ level: 'warn', message: 'dead letters not counted' },
        fields: {
          ...{ err: new Error('the database is away'), failures: count },
          delayMs: expect.any(Number),
        },
      })),
    )
  })
}
