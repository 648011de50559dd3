import { InvalidOptionError } from '@golden-arch/core/errors'
import type { Alert } from '@golden-arch/core/observability'
import { RecordingLogger, RecordingMetrics, RecordingTracer } from '@golden-arch/core/observability/testing'
import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MemoryBroker } from '../adapters/memory/index.ts'
import type { DeliverySettlement } from '../decision.ts'
import { MessagingError } from '../messaging-error.ts'
import type {
  BrokerDelivery,
  DeliveryReceiver,
  MessageBroker,
  OutgoingMessage,
} from '../ports/message-broker.ts'
import { openPglite, type TestDatabase } from '../testing/messaging-databases.ts'
import { writeDeadLetter } from './dead-letter-message.ts'
import { DeadLetterRecorder } from './dead-letter-recorder.ts'
import type { DeadLetterRecorderOptions } from './dead-letter-recorder-options.ts'
import { listDeadLetters } from './find-dead-letters.ts'
import { sampleDeadLetter } from './testing/sample-dead-letter.ts'

let opened: TestDatabase
let alerts: Alert[]
let metrics: RecordingMetrics

beforeAll(async () => {
  opened = await openPglite()
}, 300_000)
afterAll(() => opened.close())
beforeEach(() => {
  alerts = []
  metrics = new RecordingMetrics()
})

/** Hands these messages to a recorder at once; how it settled each. */
async function settled(
  messages: readonly OutgoingMessage[],
  changes: Partial<DeadLetterRecorderOptions> = {},
  findStored: MessageBroker['findStored'] = async () => undefined,
): Promise<readonly DeliverySettlement['kind'][]> {
  let receive: DeliveryReceiver = async () => {}
  const broker = {
    deadLetterStream: 'DLQ',
    subscribe: async (_options: unknown, receiver: DeliveryReceiver) => {
      receive = receiver
      return { pending: async () => 0, close: async () => ({ settled: 0, abandoned: 0 }) }
    },
    findStored,
  } as unknown as MessageBroker // a recorder takes and fetches, nothing else
  const sink = { raise: (alert: Alert) => void alerts.push(alert) }
  const { database } = opened
  const recorder = new DeadLetterRecorder({ broker, database, alerts: sink, metrics, ...changes })
  await recorder.run({ signal: AbortSignal.abort() })
  const kinds: DeliverySettlement['kind'][] = []
  await Promise.all(
    messages.map((message, index) =>
      receive({
        message: {
          stream: 'DLQ',
          sequence: String(index + 1),
          storedAt: new Date(),
          ...message,
          headers: message.headers ?? {},
        },
        deliveries: 1,
        signal: new AbortController().signal,
        heartbeat: () => {},
        settle: async (settlement: DeliverySettlement) => {
          kinds[index] = settlement.kind
          return true
        },
      } satisfies BrokerDelivery),
    ),
  )
  return kinds
}

const messageOf = (stream: string, sequence: number): OutgoingMessage =>
  writeDeadLetter(
    sampleDeadLetter({
      messageId: `m-${sequence}`,
      source: { stream, sequence: String(sequence), consumer: 'hub' },
    }),
    'dlq',
    false,
  )
const recordedOf = async (stream: string): Promise<readonly (string | null)[]> =>
  (await listDeadLetters(opened.database, { allTenants: true, stream })).items.map(
    ({ messageId }) => messageId,
  )

test('a dead letter whose message names no tenant is for the one that is told to the recorder, or for nobody', async () => {
  const nameless = (stream: string): OutgoingMessage =>
    writeDeadLetter(
      sampleDeadLetter({ tenantId: null, source: { stream, sequence: '1', consumer: 'hub' } }),
      'dlq',
      false,
    )
  await settled([nameless('NOBODYS')])
  await settled([nameless('OURS')], { unknownTenantId: 'ours' })
  const tenantsOf = async (stream: string): Promise<readonly (string | null)[]> => {
    const { items } = await listDeadLetters(opened.database, { allTenants: true, stream })
    return items.map(({ tenantId }) => tenantId)
  }
  expect(await tenantsOf('NOBODYS')).toEqual([null])
  expect(await tenantsOf('OURS')).toEqual(['ours'])
  await expect(settled([], { unknownTenantId: '' })).rejects.toThrow(InvalidOptionError)
})

test('new dead letters of one kind are one alert, and each is counted', async () => {
  const messages = [1, 2, 3].map((one) => messageOf('ALERTS', one))
  expect(await settled(messages)).toEqual(['ack', 'ack', 'ack'])
  expect(alerts).toMatchObject([{ kind: 'deadLetter.recorded', details: { count: 3 }, tenantId: 'acme' }])
  expect(metrics.counterValue('dlq_recorded_total', { stream: 'ALERTS' })).toBe(3)
  expect(metrics.gaugeValue('dlq_message_count')).toBeGreaterThanOrEqual(3)
  alerts = []
  expect(await settled(messages)).toEqual(['ack', 'ack', 'ack'])
  expect(alerts).toEqual([])
})

test('one that the table does not take waits alone, and the others of its group are written', async () => {
  const { database } = opened
  const picky: SqlDatabase = {
    capabilities: database.capabilities,
    query: async (text, values = []) => {
      const ids = values[1]
      if (Array.isArray(ids) && ids.includes('m-2')) throw StorageError.of('QUERY_FAILED', 'no')
      return database.query(text, values)
    },
    script: (text) => database.script(text),
    transaction: (run) => database.transaction(run),
    session: (run) => database.session(run),
  }
  const messages = [1, 2, 3].map((one) => messageOf('PICKY', one))
  const logger = new RecordingLogger()
  expect(await settled(messages, { database: picky, logger })).toEqual(['ack', 'retry', 'ack'])
  expect([...(await recordedOf('PICKY'))].sort()).toEqual(['m-1', 'm-3'])
  expect(alerts.map(({ kind }) => kind)).toContain('deadLetter.recordFailed')
  const err = expect.objectContaining({ code: 'QUERY_FAILED' })
  expect(logger.lines).toEqual([
    { level: 'warn', message: 'dead letters are recorded one by one', fields: { err, length: 3 } },
    {
      ...{ level: 'error', message: 'dead letter not recorded; it stays in its stream' },
      fields: { err, stream: 'DLQ' },
    },
  ])
})

test('dead letters that cannot be counted are recorded, and told of', async () => {
  const { database } = opened
  const uncounted: SqlDatabase = {
    capabilities: database.capabilities,
    query: async (text, values) => {
      if (text.includes('FROM dlq_totals')) throw StorageError.of('QUERY_FAILED', 'no')
      return database.query(text, values)
    },
    script: (text) => database.script(text),
    transaction: (run) => database.transaction(run),
    session: (run) => database.session(run),
  }
  const logger = new RecordingLogger()
  expect(await settled([messageOf('UNCOUNTED', 1)], { database: uncounted, logger })).toEqual(['ack'])
  expect(await recordedOf('UNCOUNTED')).toEqual(['m-1'])
  const err = expect.objectContaining({ code: 'QUERY_FAILED' })
  expect(logger.lines).toEqual([{ level: 'warn', message: 'dead letters not counted', fields: { err } }])
  expect(metrics.gaugeValue('dlq_message_count')).toBeUndefined()
})

test.each([
  ['prefetch', [0, 1001], [1, 1000]],
  ['leaseMs', [999, 3_600_001], [1000, 3_600_000]],
  ['initialDelayMs', [0, 600_001], [1, 600_000]],
  ['maxDelayMs', [999, 3_600_001], [1000, 3_600_000]],
])('%s is refused beyond its bounds and taken at them', (option, refused, taken) => {
  // A recorder asks nothing of either before it runs.
  const broker: MessageBroker = Object.assign(new MemoryBroker(), { deadLetterStream: 'DLQ' })
  const clients = { broker, database: opened.database }
  const room = option === 'initialDelayMs' ? { maxDelayMs: 3_600_000 } : {}
  const made = (value: number) => () => new DeadLetterRecorder({ ...clients, ...room, [option]: value })
  for (const value of refused) {
    expect(made(value)).toThrow(invalidOption(option))
  }
  for (const value of taken) expect(made(value)).not.toThrow()
})

test('a message that says nothing of where it came from is kept, as it is', async () => {
  const stray = { subject: 'dlq.x', messageId: 'stray', payload: new TextEncoder().encode('?') }
  const broken = { ...stray, messageId: 'broken', headers: { 'Golden-Dead-Letter': ['bm8'] } }
  expect(await settled([stray, broken])).toEqual(['ack', 'ack'])
  const { items } = await listDeadLetters(opened.database, { allTenants: true, stream: 'DLQ' })
  expect(items).toMatchObject([{ errorCode: 'STRAY_DEAD_LETTER' }, { errorCode: 'STRAY_DEAD_LETTER' }])
})

test.each([
  ['is gone', new MessagingError({ code: 'STREAM_NOT_FOUND', message: 'there is no such stream' })],
  ['has no such name', new InvalidOptionError('stream', 'a name', 'a b')],
])('where the stream that holds the payload %s, the dead letter is kept without it', async (what, error) => {
  const letter = sampleDeadLetter({ source: { stream: what, sequence: '1', consumer: 'hub' } })
  const refuse = (): Promise<never> => Promise.reject(error)
  expect(await settled([writeDeadLetter(letter, 'dlq', true)], {}, refuse)).toEqual(['ack'])
  const { items } = await listDeadLetters(opened.database, { allTenants: true, stream: what })
  expect(items).toMatchObject([{ isPayloadMissing: true }])
})

test.each([
  ['SAME', 'm-1', { isPayloadMissing: false, payloadBytes: 3 }],
  ['OTHER', 'm-2', { isPayloadMissing: true, payloadBytes: 0 }],
])(
  'the payload is that of the message itself, not of another in its place: %s',
  async (stream, messageId, kept) => {
    const letter = sampleDeadLetter({ source: { stream, sequence: '1', consumer: 'hub' } })
    const found = { stream, sequence: '1', messageId, subject: 'x', storedAt: new Date(), headers: {} }
    const fetch = async () => ({ ...found, payload: new Uint8Array(3) })
    expect(await settled([writeDeadLetter(letter, 'dlq', true)], {}, fetch)).toEqual(['ack'])
    const { items } = await listDeadLetters(opened.database, { allTenants: true, stream })
    expect(items).toMatchObject([kept])
  },
)

test('while the database is away a group waits as one, and none of it is tried alone', async () => {
  let tries = 0
  const away = {
    ...opened.database,
    query: () => {
      tries++
      return Promise.reject(StorageError.of('DATABASE_UNAVAILABLE', 'away'))
    },
  }
  const messages = [1, 2, 3].map((one) => messageOf('OUTAGE', one))
  // A recorder asks its database for statements alone.
  const database = away as unknown as SqlDatabase
  expect(await settled(messages, { database })).toEqual(['retry', 'retry', 'retry'])
  expect(tries).toBe(1)
})

test('where the broker does not answer for the payload, the dead letter waits', async () => {
  const letter = sampleDeadLetter({ source: { stream: 'AWAY', sequence: '1', consumer: 'hub' } })
  const away = new MessagingError({ code: 'BROKER_UNAVAILABLE', message: 'away', retryable: true })
  const refuse = (): Promise<never> => Promise.reject(away)
  expect(await settled([writeDeadLetter(letter, 'dlq', true)], {}, refuse)).toEqual(['retry'])
})

test('each is a span in the trace of its message, which fails with the writing', async () => {
  const tracer = new RecordingTracer()
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const letter = sampleDeadLetter({
    source: { stream: 'TRACED', sequence: '1', consumer: 'hub' },
    headers: { traceparent: [traceparent] },
  })
  const message = writeDeadLetter(letter, 'dlq', false)
  const broken = {
    ...opened.database,
    query: () => Promise.reject(StorageError.of('DATABASE_UNAVAILABLE', 'no')),
  }
  // A recorder asks its database for statements alone.
  await settled([message], { tracer, database: broken as unknown as SqlDatabase })
  await settled([message], { tracer })
  const facts = { name: 'process dlq.TRACED', kind: 'consumer', traceId: '0af7651916cd43dd8448eb211c80319c' }
  expect(tracer.spans()).toMatchObject([
    { ...facts, status: 'error', isEnded: true },
    { ...facts, status: 'unset', isEnded: true, links: ['b7ad6b7169203331'] },
  ])
})

test('one whose instants no database knows is kept, and holds up none beside it', async () => {
  const hostile = (sequence: number, firstSeenAt: string, lastSeenAt: string): OutgoingMessage => {
    const changes = { firstSeenAt: new Date(firstSeenAt), lastSeenAt: new Date(lastSeenAt) }
    const source = { stream: 'HOSTILE', sequence: String(sequence), consumer: 'hub' }
    return writeDeadLetter(sampleDeadLetter({ ...changes, messageId: `m-${sequence}`, source }), 'dlq', false)
  }
  const messages = [
    hostile(1, '-271821-04-20T00:00:00.000Z', '+275760-09-13T00:00:00.000Z'),
    messageOf('HOSTILE', 2),
    hostile(3, '+010000-01-01T00:00:00.000Z', '0000-12-31T23:59:59.999Z'),
  ]
  expect(await settled(messages)).toEqual(['ack', 'ack', 'ack'])
  expect([...(await recordedOf('HOSTILE'))].sort()).toEqual(['m-1', 'm-2', 'm-3'])
})

test('where the payload is gone from its source, the dead letter is kept without it', async () => {
  const letter = sampleDeadLetter({ source: { stream: 'GONE', sequence: '1', consumer: 'hub' } })
  expect(await settled([writeDeadLetter(letter, 'dlq', true)])).toEqual(['ack'])
  const { items } = await listDeadLetters(opened.database, { allTenants: true, stream: 'GONE' })
  expect(items).toMatchObject([{ isPayloadMissing: true, payloadBytes: 0 }])
})
