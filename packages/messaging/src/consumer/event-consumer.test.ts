import { GoldenError } from '@golden-arch/core/errors'
import { createEvent } from '@golden-arch/core/events'
import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import { PgDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { MemoryBroker } from '../adapters/memory/memory-broker.ts'
import { Inbox } from '../adapters/sql/inbox.ts'
import { SqlAttemptStore } from '../adapters/sql/sql-attempt-store.ts'
import { ack, deadLetter, retryAfter } from '../decision.ts'
import type { Delivery, EventHandler } from '../delivery.ts'
import { encodeEvent } from '../envelope.ts'
import { EventPublisher } from '../event-publisher.ts'
import { NonRetryableError } from '../messaging-error.ts'
import type { MessageBroker } from '../ports/message-broker.ts'
import { DeliveryCountAttempts } from './delivery-count-attempts.ts'
import { EventConsumer } from './event-consumer.ts'
import { type EventConsumerOptions, resolveEventConsumerOptions } from './event-consumer-options.ts'
import { postponementContract } from './postponement.contract.ts'

/** Patience for a busy machine; what is waited for comes in milliseconds. */
const WAIT = { timeout: 100_000, interval: 10 }

async function openStream(): Promise<{ broker: MemoryBroker; publisher: EventPublisher }> {
  const broker = new MemoryBroker()
  await broker.ensure([{ stream: 'TASKS', subjects: ['task.>'] }])
  return { broker, publisher: new EventPublisher({ broker, source: 'test' }) }
}

function start<Data = unknown>(
  broker: MemoryBroker,
  handler: EventHandler<Data>,
  changes: Partial<EventConsumerOptions<Data>> = {},
): { stop: () => ReturnType<EventConsumer<Data>['run']> } {
  const consumer = new EventConsumer<Data>({
    broker,
    stream: 'TASKS',
    durable: 'hub',
    retry: { initialDelayMs: 1, maxDelayMs: 2 },
    ...changes,
  })
  const stopping = new AbortController()
  const running = consumer.run(handler, { signal: stopping.signal })
  return {
    stop: () => {
      stopping.abort()
      return running
    },
  }
}
const publish = (publisher: EventPublisher, ...ids: string[]): Promise<unknown> =>
  Promise.all(
    ids.map((id) => publisher.publish({ id, type: 'task.completed', tenantId: 'acme', data: { id } })),
  )

test('a handler answers, throws or gives up, and each message is counted by what became of it', async () => {
  const { broker, publisher } = await openStream()
  const metrics = new RecordingMetrics()
  const logger = new RecordingLogger()
  const starts: string[] = []
  const consumer = start(
    broker,
    async ({ event, attempt }) => {
      starts.push(`${event.id}/${attempt}`)
      if (event.id === 'throws-once' && attempt === 1) throw new Error('no')
      if (event.id === 'waits-once' && attempt === 1) return retryAfter(1, 'not yet')
      if (event.id === 'hopeless') throw new NonRetryableError('never')
      if (event.id === 'refused') return deadLetter('not ours', 'NOT_OURS')
      if (event.id === 'always') throw new Error('always')
      return ack()
    },
    { metrics, logger, retry: { maxAttempts: 3, initialDelayMs: 1 } },
  )
  await publish(publisher, 'fine', 'throws-once', 'waits-once', 'hopeless', 'refused', 'always')
  await vi.waitFor(() => expect(broker.deadLetters).toHaveLength(3), WAIT)
  await vi.waitFor(() => expect(starts).toHaveLength(10), WAIT)
  expect(await consumer.stop()).toEqual({
    handled: 3,
    retried: 4,
    deadLettered: 3,
    givenBack: 0,
    abandoned: 0,
  })
  expect(
    broker.deadLetters.map(({ messageId, errorCode, attempts }) => [messageId, errorCode, attempts]).sort(),
  ).toEqual([
    ['always', 'HANDLER_FAILED', 3],
    ['hopeless', 'NON_RETRYABLE', 1],
    ['refused', 'NOT_OURS', 1],
  ])
  const told = logger.lines.map(({ level, message, fields }) => ({ level, message, ...fields }))
  const failed = (eventId: string, attempt: number) =>
    expect.objectContaining({ level: 'warn', message: 'message handler failed', eventId, attempt })
  expect(told).toHaveLength(5)
  expect(told).toEqual(
    expect.arrayContaining([
      ...[failed('throws-once', 1), failed('hopeless', 1)],
      ...[failed('always', 1), failed('always', 2), failed('always', 3)],
    ]),
  )
})

test('what is no event, or does not fit the schema, is a dead letter that no handler sees', async () => {
  const { broker, publisher } = await openStream()
  const seen: unknown[] = []
  const schema = z.object({ id: z.string(), size: z.number().default(1) })
  const consumer = start<z.output<typeof schema>>(
    broker,
    async ({ event }) => {
      seen.push(event.data.size)
      return ack()
    },
    { schema },
  )
  await broker.publish({ subject: 'task.x', messageId: 'bytes', payload: Uint8Array.from([0xff]) })
  await publisher.publish({ id: 'misfit', type: 'task.x', tenantId: 'acme', data: { id: 7 } })
  await publish(publisher, 'fits')
  await vi.waitFor(() => expect(seen).toEqual([1]), WAIT)
  await consumer.stop()
  expect(
    broker.deadLetters.map(({ errorCode, attempts, tenantId }) => [errorCode, attempts, tenantId]),
  ).toEqual([
    ['MALFORMED_MESSAGE', 0, null],
    ['SCHEMA_MISMATCH', 0, 'acme'],
  ])
})

test('a publication whose schema never answers ends at its deadline, or with its caller', async () => {
  const { broker } = await openStream()
  const clock = new FakeClock()
  const validate = (): Promise<never> => new Promise(() => {})
  const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const
  const publisher = new EventPublisher({ broker, source: 'test', clock, schema, schemaTimeoutMs: 500 })
  const event = { id: 'e-1', type: 'task.completed', tenantId: 'acme', data: {} }
  const stopping = new AbortController()
  const late = expect(publisher.publish(event)).rejects.toMatchObject({
    code: 'SCHEMA_TIMEOUT',
    retryable: true,
    details: { eventId: 'e-1', timeoutMs: 500 },
  })
  const stopped = expect(publisher.publish(event, { signal: stopping.signal })).rejects.toMatchObject({
    code: 'ABORTED',
  })
  stopping.abort()
  await stopped
  await clock.advance(500)
  await late
})

test('a publication that does not fit the schema, or is too large, is refused before the broker sees it', async () => {
  const { broker } = await openStream()
  const schema = z.object({ id: z.string() })
  const publisher = new EventPublisher({ broker, source: 'test', schema, maxPayloadBytes: 400 })
  const event = { type: 'task.x', tenantId: 'acme' }
  // The wrong type is what the test is about.
  const misfit = publisher.publish({ ...event, data: { id: 7 as unknown as string } })
  await expect(misfit).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    details: { issues: [expect.stringContaining('id')] },
  })
  const large = publisher.publish({ ...event, data: { id: 'x'.repeat(400) } })
  await expect(large).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    message: expect.stringMatching(/^the event has \d{3} bytes, more than 400$/),
  })
})

test('where the broker counts no starts, the database of the inbox does; without it no more is fetched than is handled', async () => {
  const broker: MessageBroker = Object.create(new MemoryBroker(), { attempts: { value: undefined } })
  const database = new PgDatabase({ pool: new pg.Pool() }) // never asked
  const options = { broker, stream: 'TASKS', durable: 'hub', maxConcurrent: 2, prefetch: 3 }
  const { attempts } = resolveEventConsumerOptions({ ...options, inbox: new Inbox({ database }) })
  expect(attempts).toBeInstanceOf(SqlAttemptStore)
  expect(() => resolveEventConsumerOptions(options)).toThrow('prefetch')
})

test('no more handlers run than allowed, and no more messages are in hand than prefetched', async () => {
  const { broker, publisher } = await openStream()
  let [running, most, handled] = [0, 0, 0]
  const consumer = start(
    broker,
    async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      handled++
      return ack()
    },
    { maxConcurrent: 3, prefetch: 7 },
  )
  await publish(publisher, ...Array.from({ length: 40 }, (_, index) => `m-${index}`))
  await vi.waitFor(() => expect(handled).toBe(40), WAIT)
  expect(most).toBe(3)
  await consumer.stop()
})

test('stopped, it gives back what has not started, waits for what runs, and nothing is lost', async () => {
  const { broker, publisher } = await openStream()
  const gate = Promise.withResolvers<void>()
  const started: string[] = []
  const consumer = start(
    broker,
    async ({ event }) => {
      started.push(event.id)
      await gate.promise
      return ack()
    },
    { maxConcurrent: 1, prefetch: 3 },
  )
  await publish(publisher, 'm-1', 'm-2', 'm-3')
  await vi.waitFor(() => expect(started).toEqual(['m-1']), WAIT)
  const report = consumer.stop()
  gate.resolve()
  expect(await report).toMatchObject({ handled: 1, givenBack: 2, abandoned: 0 })
  const again: string[] = []
  const next = start(broker, async ({ event, attempt }) => {
    again.push(`${event.id}/${attempt}`)
    return ack()
  })
  await vi.waitFor(() => expect(again.sort()).toEqual(['m-2/1', 'm-3/1']), WAIT)
  await next.stop()
})

test('a handler that takes too long fails, and its signal fires', async () => {
  const { broker, publisher } = await openStream()
  const signals: AbortSignal[] = []
  const consumer = start(
    broker,
    async ({ signal }: Delivery) => {
      signals.push(signal)
      return new Promise(() => {})
    },
    { handlerTimeoutMs: 5, retry: { maxAttempts: 2, initialDelayMs: 1 } },
  )
  await publish(publisher, 'm-1')
  await vi.waitFor(() => expect(broker.deadLetters).toHaveLength(1), WAIT)
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  expect(broker.deadLetters[0]).toMatchObject({ errorCode: 'DEADLINE_EXCEEDED', attempts: 2 })
  await consumer.stop()
})

test('where starts cannot be stored nothing starts, and the message comes again', async () => {
  const { broker } = await openStream()
  const { attempts } = broker
  let failures = 2
  const flaky = {
    read: attempts.read.bind(attempts),
    end: attempts.end.bind(attempts),
    forget: attempts.forget.bind(attempts),
    prune: attempts.prune.bind(attempts),
    start: (keys: Parameters<typeof attempts.start>[0]) =>
      failures-- > 0 ? Promise.reject(new Error('down')) : attempts.start(keys),
  }
  const seen: number[] = []
  const consumer = start(
    broker,
    async ({ attempt, deliveries }) => {
      seen.push(attempt, deliveries)
      return ack()
    },
    { attempts: flaky },
  )
  const event = createEvent(
    { id: 'm', source: 'test', type: 'task.x', tenantId: 'acme', data: 1 },
    new Date(0),
  )
  await broker.publish(encodeEvent(event, 1000))
  await vi.waitFor(() => expect(seen).toEqual([1, 3]), WAIT)
  await consumer.stop()
})

const shared = new MemoryBroker()
postponementContract('on MemoryBroker', () => {
  const stream = randomName('S')
  return { broker: shared, stream: { stream, subjects: [`${stream}.>`] } }
})

test('where deliveries alone are counted, who is told to come again later uses up an attempt each time', async () => {
  const { broker, publisher } = await openStream()
  const starts: number[] = []
  const consumer = start(
    broker,
    async ({ attempt }) => {
      starts.push(attempt)
      throw new GoldenError({ code: 'BUSY', message: 'no', retryable: true, details: { retryAfterMs: 1 } })
    },
    { attempts: new DeliveryCountAttempts(), maxConcurrent: 1, retry: { maxAttempts: 2, initialDelayMs: 1 } },
  )
  await publish(publisher, 'm-1')
  await vi.waitFor(() => expect(broker.deadLetters).toMatchObject([{ errorCode: 'BUSY', attempts: 2 }]), WAIT)
  expect(starts).toEqual([1, 2])
  await consumer.stop()
})

test('once needs an inbox, and bad options are refused', async () => {
  const { broker, publisher } = await openStream()
  const consumer = start(
    broker,
    async ({ once }) => {
      await once(async () => {})
      return ack()
    },
    { retry: { maxAttempts: 1 } },
  )
  await publish(publisher, 'm-1')
  await vi.waitFor(() => expect(broker.deadLetters[0]).toMatchObject({ errorCode: 'INBOX_REQUIRED' }), WAIT)
  await consumer.stop()
  const bad: readonly Partial<EventConsumerOptions<unknown>>[] = [
    { maxConcurrent: 0 },
    { maxConcurrent: 4, prefetch: 3 },
    { stream: 'a b' },
    { durable: '' },
    { subjects: [] },
    { leaseMs: 10 },
  ]
  for (const changes of bad) {
    const options = { broker, stream: 'TASKS', durable: 'hub', ...changes }
    expect(() => new EventConsumer(options)).toThrow('must be')
  }
})
