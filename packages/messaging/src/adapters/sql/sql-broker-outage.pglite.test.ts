import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { BrokerDelivery, DeliveryReceiver } from '../../ports/message-broker.ts'
import { openPglite, type TestDatabase } from '../../testing/messaging-databases.ts'
import { SqlBroker } from './sql-broker.ts'
import type { SqlBrokerOptions } from './sql-broker-options.ts'

/** Patience for a busy machine; what is waited for comes in milliseconds. */
const WAIT = { timeout: 100_000, interval: 10 }

let opened: TestDatabase
let logger: RecordingLogger
/** Statements that hold this text fail, as many times. */
let failing: { text: string; times: number }
let broker: SqlBroker

beforeEach(async () => {
  opened = await openPglite()
  logger = new RecordingLogger()
  failing = { text: '', times: 0 }
}, 300_000)
afterEach(async () => {
  await broker.close({ drainTimeoutMs: 5000 })
  await opened.close()
})

/** Opens the broker on a database that fails as told, with a stream `S` that holds one message. */
async function open(
  options: Partial<SqlBrokerOptions> = {},
  changes: Partial<SqlDatabase> = {},
): Promise<void> {
  const { database } = opened
  const flaky: SqlDatabase = {
    capabilities: database.capabilities,
    query: async (text, values, settings) => {
      if (failing.times > 0 && text.includes(failing.text)) {
        failing.times--
        throw new Error('the database is away')
      }
      return database.query(text, values, settings)
    },
    script: (text) => database.script(text),
    transaction: (run, settings) => database.transaction(run, settings),
    session: (run) => database.session(run),
    ...changes,
  }
  broker = new SqlBroker({
    database: flaky,
    logger,
    pollIntervalMs: 20,
    publishTimeoutMs: 60_000,
    ...options,
  })
  await broker.ensure([{ stream: 'S', subjects: ['s.>'] }])
  await broker.publish({ subject: 's.a', messageId: 'm-1', payload: new Uint8Array(1) })
}

const subscribe = (receive: DeliveryReceiver) =>
  broker.subscribe({ stream: 'S', durable: 'hub', prefetch: 10, leaseMs: 30_000, maxAttempts: 5 }, receive)

/** The lines of one message, and nothing else was said. */
function linesOf(message: string): readonly object[] {
  expect(new Set(logger.messages())).toEqual(new Set([message]))
  return logger.lines.map(({ level, fields }) => ({ level, ...fields }))
}

test('where nothing can be listened to it is told, and messages come by looking', async () => {
  const listen = () => Promise.reject(new Error('no listening here'))
  await open({}, { listen })
  const came: (string | null)[] = []
  await subscribe(async (delivery) => {
    came.push(delivery.message.messageId)
    await delivery.settle({ kind: 'ack' })
  })
  await broker.publish({ subject: 's.a', messageId: 'm-2', payload: new Uint8Array(1) })
  await vi.waitFor(() => expect(came).toEqual(['m-1', 'm-2']), WAIT)
  expect(linesOf('the broker cannot listen and only polls')).toEqual([
    { level: 'warn', err: new Error('no listening here') },
  ])
})

test('each look that fails is told with how many there were and how long it waits', async () => {
  await open()
  failing = { text: 'message_deliveries_claim', times: 3 }
  const came = Promise.withResolvers<BrokerDelivery>()
  await subscribe(async (delivery) => {
    came.resolve(delivery)
    await delivery.settle({ kind: 'ack' })
  })
  expect(await came.promise).toMatchObject({ deliveries: 1 })
  const told = linesOf('messages not claimed')
  const facts = { level: 'error', err: new Error('the database is away'), stream: 'S' }
  expect(told).toEqual([1, 2, 3].map((failures) => ({ ...facts, failures, delayMs: expect.any(Number) })))
  for (const [index, mostMs] of [100, 200, 400].entries()) {
    const { delayMs } = told[index] as { readonly delayMs: number }
    expect(delayMs).toBeGreaterThan(0)
    expect(delayMs).toBeLessThanOrEqual(mostMs)
  }
})

test('a receiver that throws is told of, and its message comes again', async () => {
  await open()
  const came: number[] = []
  await subscribe(async (delivery) => {
    came.push(delivery.deliveries)
    if (came.length === 1) throw new Error('no luck')
    await delivery.settle({ kind: 'ack' })
  })
  await vi.waitFor(() => expect(came).toHaveLength(2), WAIT)
  expect(linesOf('a receiver of messages failed')).toEqual([
    { level: 'error', err: new Error('no luck'), stream: 'S' },
  ])
})

test('a settlement that is not stored is told with the message and what was to become of it', async () => {
  await open()
  failing = { text: 'message_deliveries_acknowledge', times: 1 }
  const settled = Promise.withResolvers<boolean>()
  await subscribe(async (delivery) => settled.resolve(await delivery.settle({ kind: 'ack' })))
  expect(await settled.promise).toBe(false)
  expect(linesOf('a message was not settled; it comes again')).toEqual([
    { level: 'error', err: new Error('the database is away'), stream: 'S', sequence: '1', kind: 'ack' },
  ])
})

test('a lease that is not renewed is told of, and renewed by the next heartbeat', async () => {
  await open()
  const done = Promise.withResolvers<boolean>()
  await subscribe(async (delivery) => {
    failing = { text: 'message_deliveries_postpone', times: 1 }
    delivery.heartbeat()
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1), WAIT)
    delivery.heartbeat()
    done.resolve(await delivery.settle({ kind: 'ack' }))
  })
  expect(await done.promise).toBe(true)
  expect(linesOf('leases of messages not renewed')).toEqual([
    { level: 'warn', err: new Error('the database is away'), stream: 'S' },
  ])
})

test.each([
  ['messages_prune', 'S'],
  ['SELECT stream FROM message_streams', undefined],
])(
  'old messages that are not removed by %s are told of, and what is published is published',
  async (text, stream) => {
    const clock = new FakeClock()
    await open({ clock })
    failing = { text, times: 1 }
    await clock.advance(60_000)
    const receipt = await broker.publish({ subject: 's.a', messageId: 'm-2', payload: new Uint8Array(1) })
    expect(receipt.isDuplicate).toBe(false)
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1), WAIT)
    expect(linesOf('old messages not removed')).toEqual([
      { level: 'warn', err: new Error('the database is away'), stream },
    ])
  },
)
