import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, test, vi } from 'vitest'
import { MemoryBroker } from '../adapters/memory/memory-broker.ts'
import { ack, type DeliverySettlement } from '../decision.ts'
import type { EventHandler } from '../delivery.ts'
import { EventPublisher } from '../event-publisher.ts'
import type { AttemptKey, AttemptStore, Attempts } from '../ports/attempt-store.ts'
import type { BrokerDelivery } from '../ports/message-broker.ts'
import { type ConsumerReport, ConsumerRun } from './consumer-run.ts'
import { type EventConsumerOptions, resolveEventConsumerOptions } from './event-consumer-options.ts'

/** Patience for a busy machine; what is waited for comes in milliseconds. */
const WAIT = { timeout: 100_000, interval: 10 }

interface Scene {
  readonly broker: MemoryBroker
  readonly clock: FakeClock
  publish(id: string): Promise<unknown>
  run(
    handler: EventHandler,
    changes?: Partial<EventConsumerOptions<unknown>>,
  ): { stop: () => Promise<ConsumerReport>; ended: Promise<ConsumerReport> }
}

async function openScene(metrics = new RecordingMetrics()): Promise<Scene> {
  const clock = new FakeClock()
  const broker = new MemoryBroker({ clock })
  await broker.ensure([{ stream: 'TASKS', subjects: ['task.>'] }])
  const publisher = new EventPublisher({ broker, source: 'test', clock, metrics })
  return {
    broker,
    clock,
    publish: (id) => publisher.publish({ id, type: 'task.completed', tenantId: 'acme', data: {} }),
    run: (handler, changes = {}) => {
      const stopping = new AbortController()
      const retry = { initialDelayMs: 1, maxDelayMs: 1, maxAttempts: 2 }
      const options = { broker, clock, metrics, stream: 'TASKS', durable: 'hub', retry, leaseMs: 3000 }
      const run = new ConsumerRun(resolveEventConsumerOptions({ ...options, ...changes }), handler)
      const ended = run.until(stopping.signal)
      return {
        ended,
        stop: () => {
          stopping.abort()
          return ended
        },
      }
    },
  }
}

test('a handler that outlasts the lease keeps its message, and so does what waits for its turn', async () => {
  const { clock, publish, run } = await openScene()
  const starts: string[] = []
  const gate = Promise.withResolvers<void>()
  const consumer = run(
    async ({ event, deliveries }) => {
      starts.push(`${event.id}/${deliveries}`)
      await gate.promise
      return ack()
    },
    { maxConcurrent: 1, prefetch: 2 },
  )
  await publish('m-1')
  await publish('m-2')
  for (let lease = 0; lease < 5; lease++) await clock.advance(3000)
  expect(starts).toEqual(['m-1/1'])
  gate.resolve()
  await vi.waitFor(() => expect(starts).toEqual(['m-1/1', 'm-2/1']), WAIT)
  expect(await consumer.stop()).toMatchObject({ handled: 2, retried: 0 })
})

test('a message that was lost to another process while it waited is not started here, and has lost no attempt', async () => {
  const { broker, clock, publish, run } = await openScene()
  const started: string[] = []
  const gate = Promise.withResolvers<void>()
  // The second message is never renewed, as after a heartbeat that came too late.
  const subscribe: MemoryBroker['subscribe'] = (options, receive) =>
    broker.subscribe(options, (delivery) =>
      receive(delivery.message.sequence === '1' ? delivery : { ...delivery, heartbeat: () => {} }),
    )
  const consumer = run(
    async ({ event, deliveries, attempt }) => {
      started.push(`${event.id}/${deliveries}/${attempt}`)
      if (event.id === 'm-1') await gate.promise
      return ack()
    },
    { broker: Object.assign(Object.create(broker), { subscribe }), maxConcurrent: 1, prefetch: 2 },
  )
  await publish('m-1')
  await publish('m-2')
  await clock.advance(3000)
  gate.resolve()
  await vi.waitFor(() => expect(started).toEqual(['m-1/1/1', 'm-2/2/1']), WAIT)
  expect(await consumer.stop()).toMatchObject({ handled: 2, retried: 0 })
})

test('a start that failed is no crash: the message is tried again beside others, and keeps its reason', async () => {
  const { broker, clock, publish, run } = await openScene()
  const started: string[] = []
  const gate = Promise.withResolvers<void>()
  const consumer = run(
    async ({ event, attempt }) => {
      started.push(`${event.id}/${attempt}`)
      if (event.id === 'slow') await gate.promise
      else throw new Error('no luck')
      return ack()
    },
    { maxConcurrent: 2 },
  )
  await publish('slow')
  await publish('fails')
  await vi.waitFor(async () => {
    await clock.advance(1)
    expect(started).toEqual(['slow/1', 'fails/1', 'fails/2'])
  }, WAIT)
  await vi.waitFor(
    () => expect(broker.deadLetters).toMatchObject([{ error: 'Error: no luck', attempts: 2 }]),
    WAIT,
  )
  gate.resolve()
  await consumer.stop()
})

test('of a message that is settled for good no attempts are kept', async () => {
  const { broker, clock, publish, run } = await openScene()
  const { attempts } = broker
  const forgotten: (string | null)[] = []
  const forget = async (keys: readonly AttemptKey[]): Promise<void> => {
    forgotten.push(...keys.map((key) => key.messageId))
    await attempts.forget(keys)
  }
  const consumer = run(
    async ({ event }) => {
      if (event.id === 'bad') throw new Error('no')
      return ack()
    },
    { attempts: { ...boundTo(attempts), forget } },
  )
  await publish('good')
  await publish('bad')
  await vi.waitFor(async () => {
    await clock.advance(1)
    expect(forgotten.sort()).toEqual(['bad', 'good'])
  }, WAIT)
  await consumer.stop()
})

test('a schema that never answers has used up an attempt at its deadline, and the handler is never called', async () => {
  const { broker, clock, publish, run } = await openScene()
  let asked = 0
  const validate = (): Promise<never> => {
    asked++
    return new Promise(() => {})
  }
  const handler = vi.fn(async () => ack())
  const consumer = run(handler, {
    schema: { '~standard': { version: 1, vendor: 'test', validate } },
    schemaTimeoutMs: 500,
  })
  await publish('m-1')
  await vi.waitFor(() => expect(asked).toBe(1), WAIT)
  await clock.advance(499)
  expect(asked).toBe(1)
  await vi.waitFor(async () => {
    await clock.advance(100)
    expect(broker.deadLetters).toMatchObject([{ errorCode: 'SCHEMA_TIMEOUT', attempts: 2, tenantId: 'acme' }])
  }, WAIT)
  expect(asked).toBe(2)
  expect(handler).not.toHaveBeenCalled()
  expect(await consumer.stop()).toMatchObject({ retried: 1, deadLettered: 1, abandoned: 0 })
})

test.each([
  ['nothing', (): unknown => undefined],
  ['a promise of nothing', (): unknown => Promise.resolve()],
])('of a schema that answers with %s the message is a dead letter at once', async (_what, validate) => {
  const { broker, publish, run } = await openScene()
  const standard = { version: 1, vendor: 'test', validate } as const
  // No Standard Schema answers so; what is no TypeScript may.
  const schema = { '~standard': standard } as unknown as NonNullable<EventConsumerOptions<unknown>['schema']>
  const consumer = run(async () => ack(), { schema })
  await publish('m-1')
  await vi.waitFor(() => expect(broker.deadLetters).toMatchObject([{ errorCode: 'SCHEMA_MISMATCH' }]), WAIT)
  await consumer.stop()
})

test('stopped, it waits for a stuck handler to its deadline and no longer', async () => {
  const { clock, publish, run } = await openScene()
  const signals: AbortSignal[] = []
  const consumer = run(
    async ({ signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    },
    { drainTimeoutMs: 500, leaseMs: 60_000 },
  )
  await publish('m-1')
  await vi.waitFor(() => expect(signals).toHaveLength(1), WAIT)
  let report: ConsumerReport | undefined
  void consumer.stop().then((ended) => {
    report = ended
  })
  await clock.advance(0)
  await clock.advance(499)
  expect(report).toBeUndefined()
  await clock.advance(1)
  expect(report).toMatchObject({ handled: 0, abandoned: 1 })
  expect(signals[0]?.aborted).toBe(true)
})

test('publications, handler times and what waits are measured', async () => {
  const metrics = new RecordingMetrics()
  const { clock, publish, run } = await openScene(metrics)
  const gate = Promise.withResolvers<void>()
  let started = 0
  const consumer = run(
    async () => {
      started++
      await gate.promise
      return ack()
    },
    { maxConcurrent: 1, prefetch: 1 },
  )
  for (const id of ['m-1', 'm-2', 'm-3']) await publish(id)
  await vi.waitFor(() => expect(started).toBe(1), WAIT)
  await clock.advance(2000)
  const labels = { stream: 'TASKS', consumer: 'hub' }
  expect(metrics.counterValue('messages_published_total', { stream: 'TASKS' })).toBe(3)
  expect(metrics.gaugeValue('messages_pending', labels)).toBe(3)
  gate.resolve()
  await vi.waitFor(() => expect(metrics.counterValue('messages_consumed_total', labels)).toBe(3), WAIT)
  expect(metrics.values('message_handler_seconds', labels)).toEqual([2, 0, 0])
  await consumer.stop()
})

test('what waits and cannot be counted is told, and counted with the next beat', async () => {
  const [logger, metrics] = [new RecordingLogger(), new RecordingMetrics()]
  const { broker, clock, run } = await openScene(metrics)
  let asked = 0
  const subscribe: MemoryBroker['subscribe'] = async () => ({
    pending: async () => {
      if (asked++ === 0) throw new Error('the broker is away')
      return 7
    },
    close: async () => ({ settled: 0, abandoned: 0 }),
  })
  const changes = { broker: Object.assign(Object.create(broker), { subscribe }), logger }
  const consumer = run(async () => ack(), changes)
  const shown = () => metrics.gaugeValue('messages_pending', { stream: 'TASKS', consumer: 'hub' })
  await vi.waitFor(async () => {
    await clock.advance(1000)
    expect(shown()).toBe(7)
  }, WAIT)
  expect(logger.lines).toEqual([
    {
      ...{ level: 'debug', message: 'pending messages not counted' },
      fields: { err: new Error('the broker is away') },
    },
  ])
  await consumer.stop()
})

describe('a delivery that a broker hands over', () => {
  interface Given {
    readonly deliveries?: number
    readonly lost?: AbortController
    readonly metrics?: RecordingMetrics
    /** What is known of its attempts. */
    readonly before?: Attempts
    /** Whether the broker takes its settlement. */
    readonly isTaken?: boolean
  }
  /** Runs the handler for one message; says what was marked of it, how it was settled, and what was reported. */
  async function handOver(handler: EventHandler, given: Given = {}) {
    const { deliveries = 1, lost = new AbortController(), before, isTaken = true } = given
    const { broker, publish, run } = await openScene(given.metrics)
    await publish('m-1')
    const message = await broker.findStored({ stream: 'TASKS', sequence: '1' })
    if (message === undefined) throw new Error('the message was not stored')
    const marked: string[] = []
    const settled: DeliverySettlement[] = []
    const { signal } = lost
    const settle = async (settlement: DeliverySettlement): Promise<boolean> =>
      settled.push(settlement) > 0 && isTaken
    const delivery: BrokerDelivery = { message, deliveries, signal, heartbeat: () => {}, settle }
    const received = Promise.withResolvers<void>()
    const subscribe: MemoryBroker['subscribe'] = async (_options, receive) => {
      receive(delivery).then(received.resolve, received.reject)
      return { pending: async () => 0, close: async () => ({ settled: 0, abandoned: 0 }) }
    }
    const bound = boundTo(broker.attempts)
    const consumer = run(handler, {
      broker: Object.assign(Object.create(broker), { subscribe }),
      attempts: {
        ...bound,
        forget: broker.attempts.forget.bind(broker.attempts),
        end: async (ends) => void marked.push(...ends.map(({ code }) => code)),
        read: async (keys) => (before === undefined ? bound.read(keys) : keys.map(() => before)),
      },
    })
    await received.promise
    return { marked, settled, report: await consumer.stop() }
  }
  const failing = async (): Promise<never> => {
    throw new Error('no luck')
  }

  test('is neither marked nor settled where it was lost while its handler ran and failed', async () => {
    const lost = new AbortController()
    const failingLate = (): Promise<never> => {
      lost.abort()
      return failing()
    }
    expect(await handOver(failingLate, { lost })).toMatchObject({ marked: [], settled: [] })
    const kept = await handOver(failing)
    expect(kept).toMatchObject({ marked: ['RETRIED'], settled: [{ kind: 'retry' }], report: { retried: 1 } })
  })

  test('counts as handled where it was lost after it was', async () => {
    const lost = new AbortController()
    const metrics = new RecordingMetrics()
    const histogram = metrics.histogram.bind(metrics)
    // Told of once the handler has ended, and before anything is settled.
    metrics.histogram = (metric) => {
      const real = histogram(metric)
      return {
        observe: (...measured) => {
          lost.abort()
          real.observe(...measured)
        },
      }
    }
    const { settled, report } = await handOver(async () => ack(), { lost, metrics })
    expect([settled, report.handled, lost.signal.aborted]).toEqual([[{ kind: 'ack' }], 1, true])
  })

  test('is in no report where the broker did not take its settlement', async () => {
    const { report } = await handOver(async () => ack(), { isTaken: false })
    expect(report).toMatchObject({ handled: 0, abandoned: 0 })
  })

  test.each<[string, boolean, object]>([
    ['by its last failure', false, { code: 'TOO_FAR', reason: 'too far' }],
    ['as interrupted, whatever failed before', true, { code: 'ATTEMPTS_EXHAUSTED' }],
  ])('that used up its attempts is given up with its second delivery: %s', async (_, isInterrupted, why) => {
    const before = { starts: 2, isInterrupted, lastFailure: { code: 'TOO_FAR', reason: 'too far' } }
    const handler = vi.fn(async () => ack())
    const { settled } = await handOver(handler, { deliveries: 2, before })
    expect(settled).toMatchObject([{ kind: 'dead-letter', attempts: 2, tenantId: 'acme', ...why }])
    expect(handler).not.toHaveBeenCalled()
  })
})

/** The methods of a store, usable on a copy of it. */
function boundTo(store: AttemptStore): Omit<AttemptStore, 'forget'> {
  return {
    read: store.read.bind(store),
    start: store.start.bind(store),
    end: store.end.bind(store),
    prune: store.prune.bind(store),
  }
}
