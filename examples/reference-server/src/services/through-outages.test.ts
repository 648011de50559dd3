import { StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { ack, EventConsumer, type EventHandler, EventPublisher } from '@golden-arch/messaging'
import { MemoryBroker } from '@golden-arch/messaging/memory'
import { describe, expect, it } from 'vitest'
import { throughOutages } from './through-outages.ts'

const away = (): Error => StorageError.of('DATABASE_UNAVAILABLE', 'no connection')

/** Has a consumer that tries each message once handle one message; what became of it, and how often it was begun. */
async function handleOne(handle: EventHandler, clock: FakeClock): Promise<{ dead: number; handled: number }> {
  const broker = new MemoryBroker()
  await broker.ensure([{ stream: 'TASKS', subjects: ['task.>'] }])
  const ended = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const consumer = new EventConsumer({ broker, stream: 'TASKS', durable: 'hub', retry: { maxAttempts: 1 } })
  const outliving = throughOutages(handle, { clock, random: () => 1 })
  const running = consumer.run((delivery) => outliving(delivery).finally(ended.resolve), {
    signal: stopping.signal,
  })
  await new EventPublisher({ broker, source: 'test' }).publish({
    type: 'task.created',
    tenantId: 'acme',
    data: {},
  })
  const pausing = (async () => {
    for (const pauseMs of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
      await expect.poll(() => clock.pendingCount, { timeout: 60_000 }).toBe(1)
      await clock.advance(pauseMs)
    }
  })()
  await Promise.race([ended.promise, pausing.then(() => ended.promise)])
  stopping.abort()
  const { handled } = await running
  return { dead: broker.deadLetters.length, handled }
}

describe('a handler that outlives outages', () => {
  it('handles its only try of a message anew, with longer and longer pauses, until the database is back', async () => {
    let tries = 0
    const handle: EventHandler = async () => {
      if (++tries <= 6) throw away()
      if (tries === 7) throw StorageError.of('OUTCOME_UNKNOWN', 'the connection was lost')
      return ack()
    }
    expect(await handleOne(handle, new FakeClock())).toEqual({ dead: 0, handled: 1 })
    expect(tries).toBe(8)
  })

  it('lets go of what fails by itself at once', async () => {
    const clock = new FakeClock()
    const failure = new Error('on purpose')
    const handle = throughOutages(() => Promise.reject(failure), { clock })
    await expect(handle(deliveryUntil(new AbortController().signal))).rejects.toBe(failure)
    expect(clock.pendingCount).toBe(0)
  })

  it('ends when its message is lost or its time is over', async () => {
    const clock = new FakeClock()
    const lost = new AbortController()
    const handle = throughOutages(() => Promise.reject(away()), { clock })
    const outcome = expect(handle(deliveryUntil(lost.signal))).rejects.toMatchObject({ code: 'ABORTED' })
    await expect.poll(() => clock.pendingCount).toBe(1)
    lost.abort()
    await outcome
    expect(clock.pendingCount).toBe(0)
  })
})

function deliveryUntil(signal: AbortSignal): Parameters<EventHandler>[0] {
  return {
    event: {
      specversion: '1.0',
      id: 'e',
      source: 'test',
      type: 'task.created',
      time: '2026-01-01T00:00:00Z',
      tenantid: 'acme',
      datacontenttype: 'application/json',
      data: {},
    },
    attempt: 1,
    deliveries: 1,
    source: { stream: 'TASKS', sequence: '1', consumer: 'hub' },
    signal,
    once: () => Promise.reject(new Error('nobody asks for it')),
  }
}
