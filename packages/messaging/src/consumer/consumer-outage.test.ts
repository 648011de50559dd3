import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { expect, test } from 'vitest'
import { MemoryBroker } from '../adapters/memory/memory-broker.ts'
import { ack, type DeliverySettlement } from '../decision.ts'
import { EventPublisher } from '../event-publisher.ts'
import type { AttemptStore } from '../ports/attempt-store.ts'
import type { BrokerDelivery } from '../ports/message-broker.ts'
import { ConsumerRun } from './consumer-run.ts'
import { type EventConsumerOptions, resolveEventConsumerOptions } from './event-consumer-options.ts'

const gone = async (): Promise<never> => {
  throw new Error('the database is away')
}
const never = {
  '~standard': { version: 1, vendor: 'test', validate: () => new Promise<never>(() => {}) },
} as const

/** The pause that a message is put back with, which comes for the `deliveries`th time. */
async function pauseOf(
  deliveries: number,
  attempts: AttemptStore,
  changes: Partial<EventConsumerOptions<unknown>>,
): Promise<number | undefined> {
  const broker = new MemoryBroker()
  await broker.ensure([{ stream: 'TASKS', subjects: ['task.>'] }])
  await new EventPublisher({ broker, source: 'test' }).publish({ type: 'task.x', tenantId: 'acme', data: 1 })
  const message = await broker.findStored({ stream: 'TASKS', sequence: '1' })
  if (message === undefined) throw new Error('the message was not stored')
  const settled = Promise.withResolvers<DeliverySettlement>()
  const settle = async (settlement: DeliverySettlement): Promise<boolean> => {
    settled.resolve(settlement)
    return true
  }
  const { signal } = new AbortController()
  const delivery: BrokerDelivery = { message, deliveries, signal, heartbeat: () => {}, settle }
  const subscribe: MemoryBroker['subscribe'] = async (_options, receive) => {
    receive(delivery).catch(settled.reject)
    return { pending: async () => 0, close: async () => ({ settled: 0, abandoned: 0 }) }
  }
  const stopping = new AbortController()
  const options = resolveEventConsumerOptions({
    broker: Object.assign(Object.create(broker), { subscribe }),
    ...{ stream: 'TASKS', durable: 'hub', random: () => 1, attempts },
    ...changes,
  })
  const running = new ConsumerRun(options, async () => ack()).until(stopping.signal)
  const settlement = await settled.promise
  stopping.abort()
  await running
  return settlement.kind === 'retry' ? settlement.afterMs : undefined
}

test.each<[string, Partial<AttemptStore>, Partial<EventConsumerOptions<unknown>>, string]>([
  ['read', { read: gone }, {}, 'attempts of a message not read'],
  ['stored', { start: gone }, {}, 'start of a handler not stored'],
  [
    'stored for a check of its data',
    { start: gone },
    { schema: never, schemaTimeoutMs: 1 },
    'start of a check not stored',
  ],
])(
  'a message whose attempts cannot be %s waits longer each time it comes',
  async (_, away, changes, told) => {
    const counting: AttemptStore = {
      read: async (keys) => keys.map(() => ({ starts: 0, isInterrupted: false, lastFailure: null })),
      start: async (keys) => keys.map(() => 1),
      end: async () => {},
      forget: async () => {},
      prune: async () => {},
    }
    const attempts = { ...counting, ...away }
    const logger = new RecordingLogger()
    const pauses = await Promise.all(
      [2, 3, 4, 205].map((nth) => pauseOf(nth, attempts, { ...changes, logger })),
    )
    expect(pauses).toEqual([1000, 2000, 4000, 60_000])
    expect(logger.messages('error')).toEqual([told, told, told, told])
    expect(logger.lines[0]?.fields).toMatchObject({ err: new Error('the database is away') })
  },
)
