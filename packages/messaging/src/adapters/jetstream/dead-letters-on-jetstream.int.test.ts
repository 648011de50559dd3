import { RecordingTracer } from '@golden-arch/core/observability/testing'
import { describeWithService } from '@golden-arch/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DeadLetterQueue } from '../../dead-letters/dead-letter-queue.ts'
import { DeadLetterRecorder } from '../../dead-letters/dead-letter-recorder.ts'
import type { DeliverySettlement } from '../../decision.ts'
import { openPglite, type TestDatabase } from '../../testing/messaging-databases.ts'
import { AdvisoryReconciler } from './advisory-reconciler.ts'
import type { JetStreamBroker } from './jetstream-broker.ts'
import { type JetStreamNamespace, openJetStream, until } from './testing/jetstream-namespace.ts'

const GIVE_UP: DeliverySettlement = {
  kind: 'dead-letter',
  reason: 'task t-1 not found',
  code: 'NOT_FOUND',
  attempts: 3,
  tenantId: 'acme',
}
const actor = { id: 'ada', kind: 'human' } as const
const ALL = { allTenants: true } as const

describeWithService('nats', 'dead letters on JetStream', (address) => {
  let nats: JetStreamNamespace
  let broker: JetStreamBroker
  let opened: TestDatabase
  let queue: DeadLetterQueue
  let stop: AbortController
  let running: Promise<unknown>[]

  beforeEach(async () => {
    nats = await openJetStream(address)
    broker = nats.broker()
    await broker.ensure([nats.stream])
    opened = await openPglite()
    queue = new DeadLetterQueue({ broker, database: opened.database })
    stop = new AbortController()
    running = []
  }, 300_000)
  afterEach(async () => {
    stop.abort()
    await Promise.all(running)
    await broker.close({ drainTimeoutMs: 1000 })
    await nats.close()
    await opened.close()
  })

  const record = (changes: object = {}): DeadLetterRecorder => {
    const { database } = opened
    const recorder = new DeadLetterRecorder({
      broker,
      database,
      initialDelayMs: 1,
      maxDelayMs: 20,
      ...changes,
    })
    running.push(recorder.run({ signal: stop.signal }))
    return recorder
  }
  const publish = (id: string) =>
    broker.publish({
      subject: nats.subject('done'),
      messageId: id,
      payload: new TextEncoder().encode(`payload of ${id}`),
      headers: { traceparent: ['00-1'] },
    })
  const options = { durable: 'hub', prefetch: 10, leaseMs: 30_000, maxAttempts: 5 }
  const unresolved = async (): Promise<number> => (await queue.count(ALL)).unresolved

  test('from the stream to the row, back into the stream, and linked when it fails again', async () => {
    record()
    await broker.subscribe({ ...options, stream: nats.stream.stream }, async (one) => {
      await one.settle(GIVE_UP)
    })
    await publish('a')
    await until(async () => (await unresolved()) === 1)
    const [first] = (await queue.list(ALL)).items
    const whole = await queue.get({ ...ALL, dlqId: first?.dlqId ?? '' })
    expect(whole).toMatchObject({
      source: { stream: nats.stream.stream, sequence: '1', consumer: 'hub' },
      tenantId: 'acme',
      messageId: 'a',
      subject: nats.subject('done'),
      headers: { traceparent: ['00-1'] },
      error: 'task t-1 not found',
      errorCode: 'NOT_FOUND',
      attempts: 3,
      status: 'open',
    })
    expect(new TextDecoder().decode(whole.payload ?? new Uint8Array())).toBe('payload of a')
    const dlqId = first?.dlqId ?? ''
    const { results } = await queue.redrive({ ...ALL, actor, select: { dlqIds: [dlqId] } })
    expect(results).toEqual([{ dlqId, outcome: 'redriven' }])
    await until(async () => (await queue.get({ ...ALL, dlqId })).failedAgainAs.length === 1)
    expect((await queue.groups(ALL)).items).toMatchObject([{ unresolved: 1, total: 2 }])
  })

  test('while the database refuses, dead letters wait; then each is one row, though two recorders run', async () => {
    const alerts: string[] = []
    let isDown = true
    const { database } = opened
    const flaky = {
      capabilities: database.capabilities,
      query: (...args: Parameters<typeof database.query>) =>
        isDown ? Promise.reject(new Error('down')) : database.query(...args),
      script: (text: string) => database.script(text),
      transaction: database.transaction.bind(database),
      session: database.session.bind(database),
    }
    const sink = { raise: ({ kind }: { kind: string }) => void alerts.push(kind) }
    record({ database: flaky, alerts: sink })
    record({ database: flaky })
    const seen = new Set<string>()
    await broker.subscribe({ ...options, stream: nats.stream.stream }, async (one) => {
      await one.settle(GIVE_UP)
      seen.add(one.message.messageId ?? '')
    })
    const ids = Array.from({ length: 50 }, (_, index) => `m-${index}`)
    await Promise.all(ids.map(publish))
    await until(() => seen.size === 50 && alerts.length > 0)
    expect(alerts).toEqual(['deadLetter.recordFailed'])
    isDown = false
    await until(async () => (await unresolved()) === 50)
    const manager = await jetstreamManager(nats.connection)
    await until(async () => (await manager.streams.info(nats.deadLetterStream)).state.messages === 0)
    const { rows } = await database.query<{ message_id: string }>('SELECT message_id FROM dlq_messages')
    expect(rows.map((row) => row.message_id).sort()).toEqual([...ids].sort())
    expect(alerts).toContain('deadLetter.recorded')
  })

  test('a payload that stayed at its source is fetched from there', async () => {
    record()
    const payload = new Uint8Array((nats.connection.info?.max_payload ?? 0) - 700).fill(7)
    await broker.publish({ subject: nats.subject('big'), messageId: 'big', payload })
    await broker.subscribe({ ...options, stream: nats.stream.stream }, async (one) => {
      await one.settle(GIVE_UP)
    })
    await until(async () => (await unresolved()) === 1)
    const [row] = (await queue.list(ALL)).items
    expect(row).toMatchObject({ payloadBytes: payload.length, isPayloadMissing: false })
  })

  test('what the server gave up by itself becomes a dead letter, though nobody pulled or listened then', async () => {
    record()
    await publish('a')
    await publish('b')
    // A consumer of somebody else's making, with two deliveries that both time out.
    const manager = await jetstreamManager(nats.connection)
    const { stream } = nats.stream
    const config = {
      durable_name: 'dying',
      ack_policy: 'explicit',
      ack_wait: 50_000_000,
      max_deliver: 2,
    } as const
    await manager.consumers.add(stream, config)
    const { jetstream } = await import('@nats-io/jetstream')
    const consumer = await jetstream(nats.connection).consumers.get(stream, 'dying')
    for (let round = 0; round < 4; round++) await consumer.next({ expires: 1000 })
    const tracer = new RecordingTracer()
    const reconciler = new AdvisoryReconciler({
      broker,
      streams: [stream],
      pollIntervalMs: 1000,
      tracer,
    })
    running.push(reconciler.run({ signal: stop.signal }))
    await until(async () => (await unresolved()) === 2)
    const { items } = await queue.list(ALL)
    expect(
      items.map(({ messageId, errorCode, source }) => [messageId, errorCode, source.consumer]).sort(),
    ).toEqual([
      ['a', 'MAX_DELIVERIES', 'dying'],
      ['b', 'MAX_DELIVERIES', 'dying'],
    ])
    const recovery = { kind: 'consumer', status: 'unset', isEnded: true }
    await until(() => tracer.spans().filter(({ isEnded }) => isEnded).length === 2)
    expect(tracer.spans()).toMatchObject([recovery, recovery])
  })
})
