import { createEvent, type EventEnvelope } from '@golden-arch/core/events'
import { RecordingTracer } from '@golden-arch/core/observability/testing'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { MemoryBroker } from './adapters/memory/memory-broker.ts'
import { EventConsumer } from './consumer/event-consumer.ts'
import type { EventConsumerOptions } from './consumer/event-consumer-options.ts'
import { ack, retryAfter } from './decision.ts'
import type { EventHandler } from './delivery.ts'
import { decodeEvent, encodeEvent } from './envelope.ts'
import { EventPublisher } from './event-publisher.ts'
import { traceContextOf } from './message-spans.ts'

/** Patience for a busy machine; what is waited for comes in milliseconds. */
const WAIT = { timeout: 100_000, interval: 10 }

const CUSTOM = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=opaque',
}
const EVENT = { type: 'task.completed', tenantId: 'acme', data: {} }

async function openStream(): Promise<{
  broker: MemoryBroker
  tracer: RecordingTracer
  publisher: EventPublisher
}> {
  const broker = new MemoryBroker()
  await broker.ensure([{ stream: 'TASKS', subjects: ['task.>'] }])
  const tracer = new RecordingTracer()
  return { broker, tracer, publisher: new EventPublisher({ broker, source: 'test', tracer }) }
}

async function consume(
  broker: MemoryBroker,
  handler: EventHandler,
  changes: Partial<EventConsumerOptions<unknown>>,
  until: () => void,
): Promise<void> {
  const retry = { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 }
  const consumer = new EventConsumer({ broker, stream: 'TASKS', durable: 'hub', retry, ...changes })
  const stopping = new AbortController()
  const running = consumer.run(handler, { signal: stopping.signal })
  await vi.waitFor(until, WAIT)
  stopping.abort()
  await running
}

test('the envelope tells readers of the publication, whose span was current when it was made', async () => {
  const { broker, publisher, tracer } = await openStream()
  const { event } = await publisher.publish(EVENT)
  const [span] = tracer.spans()
  expect(event.traceparent).toBe(`00-${span?.traceId}-${span?.spanId}-01`)
  const stored = await broker.findStored({ stream: 'TASKS', sequence: '1' })
  expect(stored?.headers.traceparent).toEqual([event.traceparent])
  expect(span).toMatchObject({
    name: 'publish task.completed',
    kind: 'producer',
    links: [],
    status: 'unset',
    isEnded: true,
    attributes: { 'messaging.message.id': event.id, 'messaging.system': 'golden_arch' },
  })
})

test('a traceparent that the author gave stays, and the publication links to it', async () => {
  const { publisher, tracer } = await openStream()
  const { event } = await publisher.publish({ ...EVENT, ...CUSTOM })
  expect(event).toMatchObject(CUSTOM)
  expect(tracer.spans()).toMatchObject([{ kind: 'client', links: ['b7ad6b7169203331'], parentSpanId: null }])
})

test('a publication that fails is a failed span', async () => {
  const { publisher, tracer } = await openStream()
  await expect(publisher.publish({ ...EVENT, type: 'nobody.listens' })).rejects.toThrow()
  expect(tracer.spans()).toMatchObject([
    { status: 'error', attributes: { 'error.type': 'STREAM_NOT_FOUND' }, isEnded: true },
  ])
})

test('without a tracer an event carries nothing that its author did not give', async () => {
  const { broker } = await openStream()
  const publisher = new EventPublisher({ broker, source: 'test' })
  expect((await publisher.publish(EVENT)).event).not.toHaveProperty('traceparent')
  expect((await publisher.publish({ ...EVENT, ...CUSTOM })).event).toMatchObject(CUSTOM)
})

test('traceparent and tracestate survive the wire', () => {
  const event = createEvent({ ...EVENT, source: 'test', ...CUSTOM }, new Date())
  const message = encodeEvent(event, 1000)
  expect(message.headers).toEqual({ traceparent: [CUSTOM.traceparent], tracestate: [CUSTOM.tracestate] })
  expect(traceContextOf(decodeEvent(message) as EventEnvelope)).toEqual(CUSTOM)
})

test('the handler runs within the span of its message, which says what became of it', async () => {
  const { broker, publisher, tracer } = await openStream()
  const seen: (string | undefined)[] = []
  const ended = (): void => expect(tracer.spans('process task.completed').at(-1)?.isEnded).toBe(true)
  await publisher.publish(EVENT)
  await consume(
    broker,
    async ({ attempt }) => {
      seen.push(tracer.activeContext()?.traceparent)
      if (attempt === 1) return retryAfter(1, 'not yet')
      throw new RangeError('never')
    },
    { tracer },
    () => {
      expect(seen).toHaveLength(2)
      ended()
    },
  )
  const [publication] = tracer.spans('publish task.completed')
  const processed = tracer.spans('process task.completed')
  expect(processed).toMatchObject([
    {
      kind: 'consumer',
      status: 'unset',
      attributes: { 'golden_arch.message.settlement': 'retry', 'golden_arch.message.deliveries': 1 },
    },
    {
      status: 'error',
      exceptions: ['never'],
      attributes: { 'golden_arch.message.settlement': 'dead-letter', 'golden_arch.message.deliveries': 2 },
    },
  ])
  for (const [index, span] of processed.entries()) {
    expect(span).toMatchObject({ parentSpanId: publication?.spanId, links: [publication?.spanId] })
    expect(seen[index]).toContain(span.spanId)
  }
})

test('a message that no handler saw still has a span, in the trace that its headers name', async () => {
  const { broker, tracer } = await openStream()
  const headers = { traceparent: [CUSTOM.traceparent] }
  await broker.publish({
    subject: 'task.broken',
    messageId: 'm-1',
    payload: new TextEncoder().encode('{'),
    headers,
  })
  await consume(
    broker,
    async () => ack(),
    { tracer, schema: z.object({ n: z.number() }) },
    () => expect(broker.deadLetters).toHaveLength(1),
  )
  expect(tracer.spans()).toMatchObject([
    {
      name: 'process task.broken',
      parentSpanId: 'b7ad6b7169203331',
      status: 'error',
      attributes: {
        'error.type': 'MALFORMED_MESSAGE',
        'golden_arch.message.settlement': 'dead-letter',
        'messaging.message.id': 'm-1',
      },
    },
  ])
})

test('a message without a trace starts one of its own, whatever was active when the consumer started', async () => {
  const { broker, tracer } = await openStream()
  await new EventPublisher({ broker, source: 'test' }).publish(EVENT)
  await tracer.trace('start of the application', {}, () =>
    consume(
      broker,
      async () => ack(),
      { tracer },
      () => expect(tracer.spans('process task.completed')).toMatchObject([{ isEnded: true }]),
    ),
  )
  expect(tracer.spans('process task.completed')).toMatchObject([{ parentSpanId: null, links: [] }])
})

test('what waits for a free handler has no span yet', async () => {
  const { broker, publisher, tracer } = await openStream()
  await publisher.publish(EVENT)
  await publisher.publish(EVENT)
  const taken: unknown[] = []
  await consume(
    broker,
    async () => {
      // Turns enough for the second message to be taken and to wait for its slot.
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
      taken.push(tracer.spans('process task.completed').length)
      return ack()
    },
    { tracer, maxConcurrent: 1, prefetch: 2 },
    () => expect(tracer.spans('process task.completed').filter((span) => span.isEnded)).toHaveLength(2),
  )
  expect(taken).toEqual([1, 2])
})
