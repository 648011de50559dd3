import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { describeWithService, randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SqlBroker } from '../adapters/sql/sql-broker.ts'
import { EventPublisher } from '../event-publisher.ts'
import { openPostgres } from '../testing/messaging-databases.ts'

const PROCESS = fileURLToPath(new URL('../testing/consumer-crash-process.ts', import.meta.url))
const MAX_PROCESSES = 10

describeWithService('postgres', 'consumers that are killed', (address) => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  let database: SqlDatabase
  let stream: string

  beforeAll(async () => {
    opened = await openPostgres(address)
    database = opened.databases[0]
    await database.script('CREATE TABLE effects (stream text NOT NULL, message_id text NOT NULL)')
  }, 300_000)
  afterAll(() => opened.close())
  beforeEach(() => {
    stream = randomName('S')
  })

  /** Stores a durable's messages, named `<stream>/<name>`. */
  async function publish(names: readonly string[]): Promise<void> {
    const broker = new SqlBroker({ database })
    const word = stream.toLowerCase()
    await broker.ensure([{ stream, subjects: [`${word}.>`] }])
    const hub = { stream, durable: 'hub', prefetch: 1, leaseMs: 3000, maxAttempts: 5 }
    const subscription = await broker.subscribe(hub, async () => {})
    await subscription.close({ drainTimeoutMs: 0 })
    const publisher = new EventPublisher({ broker, source: 'test' })
    const event = { type: `${word}.happened`, tenantId: 'acme', data: {} }
    await Promise.all(names.map((name) => publisher.publish({ ...event, id: `${stream}/${name}` })))
    await broker.close({ drainTimeoutMs: 0 })
  }

  /** The effects, each with how often it happened. */
  async function effects(): Promise<ReadonlyMap<string, bigint>> {
    const { rows } = await database.query<{ message_id: string; times: bigint }>(
      'SELECT message_id, count(*) AS times FROM effects WHERE stream = $1 GROUP BY 1',
      [stream],
    )
    return new Map(rows.map((row) => [row.message_id, row.times]))
  }

  async function deadLetters(): Promise<readonly object[]> {
    const text =
      'SELECT message_id, attempts, error_code FROM dlq_messages WHERE source_stream = $1 ORDER BY dlq_id'
    return (await database.query(text, [stream])).rows
  }

  /** Starts one process after the other until one ends by itself; gives the number of those that were killed. */
  async function consumeUntilSettled(diesAfter: (index: number) => number): Promise<number> {
    for (let killed = 0; killed < MAX_PROCESSES; killed++) {
      const end = await runProcess([JSON.stringify(opened.poolConfig), stream, String(diesAfter(killed))])
      if (end === 'exit code 0: ') return killed
      expect(end).toBe('SIGKILL')
    }
    throw new Error(`not settled by ${MAX_PROCESSES} processes`)
  }

  test('a message that kills its process takes none of those prefetched beside it along', async () => {
    const healthy = Array.from({ length: 499 }, (_, index) => `healthy-${index}`)
    await publish(['poison', ...healthy])
    expect(await consumeUntilSettled(() => 0)).toBe(5)
    const happened = await effects()
    expect([...happened.keys()].sort()).toEqual(healthy.map((name) => `${stream}/${name}`).sort())
    expect([...happened.values()].every((times) => times === 1n)).toBe(true)
    expect(await deadLetters()).toEqual([
      { message_id: `${stream}/poison`, attempts: 5, error_code: 'ATTEMPTS_EXHAUSTED' },
    ])
  }, 300_000)

  test('a consumer killed three times amid its batch loses nothing, and every effect happens once', async () => {
    const names = Array.from({ length: 1500 }, (_, index) => `m-${index}`)
    await publish(names)
    expect(await consumeUntilSettled((index) => (index < 3 ? 300 + index * 17 : 0))).toBe(3)
    const happened = await effects()
    expect(happened.size).toBe(names.length)
    expect([...happened.values()].every((times) => times === 1n)).toBe(true)
    expect(await deadLetters()).toEqual([])
  }, 300_000)
})

/** Runs a process to its end; the signal that ended it, or its exit code and own words. */
async function runProcess(values: readonly string[]): Promise<NodeJS.Signals | string> {
  const child = spawn(process.execPath, ['--conditions=golden-arch-source', PROCESS, ...values], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null] // as documented for 'close'
  return signal ?? `exit code ${code}: ${words}`
}
