import { createEvent, SqlEventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { SpanKind } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { EventConsumer } from './consumer/event-consumer.ts'
import { DeadLetterQueue } from './dead-letters/dead-letter-queue.ts'
import { ack } from './decision.ts'
import type { EventHandler } from './delivery.ts'
import { EventPublisher } from './event-publisher.ts'
import { NonRetryableError } from './messaging-error.ts'
import { OutboxRelay } from './outbox/outbox-relay.ts'
import type { MessageBroker } from './ports/message-broker.ts'
import { type RecordedSpans, recordSpans } from './testing/recorded-spans.ts'

/** Where a story is told: a broker with one stream, and the database of outbox and dead letters. */
export interface TracingScene {
  readonly broker: MessageBroker
  readonly database: SqlDatabase
  readonly stream: string
  /** `word` as a subject of the stream. */
  subject(word: string): string
}

const WAIT = { timeout: 100_000, interval: 10 }
const actor = { id: 'ada', kind: 'human' } as const

const idOf = (span: ReadableSpan | undefined): string | undefined => span?.spanContext().spanId
const parentOf = (span: ReadableSpan | undefined): string | undefined => span?.parentSpanContext?.spanId
const linksOf = (span: ReadableSpan | undefined): (string | undefined)[] | undefined =>
  span?.links.map((link) => link.context.spanId)

/** What traces tell of messages, on any broker. */
export function messageTracingContract(scene: () => TracingScene): void {
  let spans: RecordedSpans
  beforeAll(() => {
    spans = recordSpans()
  })
  afterAll(() => spans.close())

  test('one trace tells of publisher, consumer, outbox, relay, dead letter and redrive, each linked to its cause', async () => {
    const { broker, database, stream, subject } = scene()
    const { tracer } = spans
    const [placed, billed] = [subject('placed'), subject('billed')]
    const stopping = new AbortController()
    const consume = (durable: string, type: string, handler: EventHandler): Promise<unknown> =>
      new EventConsumer({ broker, stream, durable, subjects: [type], tracer }).run(handler, {
        signal: stopping.signal,
      })
    const outbox = new SqlEventOutbox({ tracer })
    const queue = new DeadLetterQueue({ broker, database, tracer })
    let isMended = false
    const running = [
      consume('billing', placed, async ({ event }) => {
        const next = createEvent(
          { source: 'billing', type: billed, tenantId: event.tenantid, data: {} },
          new Date(),
        )
        await database.transaction((tx) => outbox.append(tx, [next]))
        return ack()
      }),
      consume('shipping', billed, async () => {
        if (!isMended) throw new NonRetryableError('no such address')
        return ack()
      }),
    ]
    const publisher = new EventPublisher({ broker, source: 'shop', tracer })
    await tracer.trace('POST /orders', { kind: 'server' }, () =>
      publisher.publish({ type: placed, tenantId: 'acme', correlationId: 'order-1', data: {} }),
    )
    await vi.waitFor(() => expect(spans.named(`process ${placed}`)).toHaveLength(1), WAIT)
    await new OutboxRelay({ database, broker, tracer }).runOnce()
    await vi.waitFor(() => expect(spans.named(`process ${billed}`)).toHaveLength(1), WAIT)
    const letters = async () => (await queue.list({ allTenants: true })).items
    await vi.waitFor(async () => expect(await letters()).toHaveLength(1), WAIT)
    isMended = true
    const [letter] = await letters()
    const redrive = { actor, select: { dlqIds: [letter?.dlqId ?? ''] }, allTenants: true } as const
    await tracer.trace('POST /redrives', { kind: 'server' }, () => queue.redrive(redrive))
    await vi.waitFor(() => expect(spans.named(`process ${billed}`)).toHaveLength(2), WAIT)
    stopping.abort()
    await Promise.all(running)

    const [request] = spans.named('POST /orders')
    const [publication] = spans.named(`publish ${placed}`, SpanKind.PRODUCER)
    const [billing] = spans.named(`process ${placed}`, SpanKind.CONSUMER)
    const [relayed, redriven] = spans.named(`publish ${billed}`, SpanKind.CLIENT)
    const [failed, shipped] = spans.named(`process ${billed}`, SpanKind.CONSUMER)
    expect(parentOf(publication)).toBe(idOf(request))
    expect([parentOf(billing), linksOf(billing)]).toEqual([idOf(publication), [idOf(publication)]])
    // What the handler appended carries the handler's own place.
    for (const span of [relayed, failed, shipped]) {
      expect([parentOf(span), linksOf(span)]).toEqual([idOf(billing), [idOf(billing)]])
    }
    expect(linksOf(redriven)).toEqual([idOf(billing)])
    expect(parentOf(redriven)).toBe(idOf(spans.named('POST /redrives')[0]))
    const story = [request, publication, billing, relayed, failed, shipped]
    expect(new Set(story.map((span) => span?.spanContext().traceId)).size).toBe(1)

    expect(billing?.attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': placed,
      'messaging.consumer.group.name': 'billing',
      'messaging.message.conversation_id': 'order-1',
      'messaging.message.id': publication?.attributes['messaging.message.id'],
      'messaging.system': broker.system ?? 'golden_arch',
      'golden_arch.message.settlement': 'ack',
      'golden_arch.message.stream': stream,
    })
    expect(publication?.attributes).toMatchObject({
      'messaging.operation.type': 'publish',
      'messaging.destination.name': placed,
    })
    expect(failed).toMatchObject({
      attributes: { 'golden_arch.message.settlement': 'dead-letter' },
      status: { code: 2, message: 'NonRetryableError: no such address' },
      events: [{ name: 'exception' }],
    })
    expect(shipped?.attributes).toMatchObject({ 'golden_arch.message.settlement': 'ack' })
  }, 120_000)
}
