import { createEvent, type EventEnvelope } from '@golden-arch/core/events'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, test } from 'vitest'
import { InProcessBroker } from './in-process-broker.ts'

const event = (type = 'task.completed', data: unknown = { steps: [1] }): EventEnvelope =>
  createEvent({ id: 'e-1', source: 'test', type, tenantId: 'acme', data }, new Date(0))

describe('InProcessBroker', () => {
  test('publish resolves only when every matching subscriber has handled the event', async () => {
    const broker = new InProcessBroker()
    const gate = Promise.withResolvers<void>()
    const handled: string[] = []
    await broker.subscribe({ consumer: 'slow', types: ['task.>'] }, async () => {
      await gate.promise
      handled.push('slow')
    })
    await broker.subscribe(
      { consumer: 'quick', types: ['task.completed'] },
      async () => void handled.push('quick'),
    )
    await broker.subscribe({ consumer: 'other', types: ['budget.>'] }, async () => void handled.push('other'))
    const published = broker.publish(event()).then(() => handled.push('published'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(handled).toEqual(['quick'])
    gate.resolve()
    await published
    expect(handled).toEqual(['quick', 'slow', 'published'])
  })

  test('publish rejects when one subscriber fails, after the others have handled the event', async () => {
    const broker = new InProcessBroker()
    let isHandled = false
    const failure = new Error('no')
    await broker.subscribe({ consumer: 'bad', types: ['>'] }, () => Promise.reject(failure))
    await broker.subscribe({ consumer: 'thrower', types: ['>'] }, () => {
      throw failure
    })
    await broker.subscribe({ consumer: 'good', types: ['>'] }, async () => {
      await new Promise((resolve) => setImmediate(resolve))
      isHandled = true
    })
    await expect(broker.publish(event())).rejects.toMatchObject({
      code: 'DELIVERY_FAILED',
      retryable: true,
      details: { eventId: 'e-1', consumers: ['bad', 'thrower'] },
      cause: failure,
    })
    expect(isHandled).toBe(true)
  })

  test('each subscriber has a copy of its own', async () => {
    const broker = new InProcessBroker()
    const seen: unknown[] = []
    for (const consumer of ['one', 'two']) {
      await broker.subscribe({ consumer, types: ['>'] }, async ({ event: { data } }) => {
        seen.push(structuredClone(data))
        Object.assign(data as object, { steps: consumer }) // the data of these tests are objects
      })
    }
    const original = event()
    await broker.publish(original)
    expect(seen).toEqual([{ steps: [1] }, { steps: [1] }])
    expect(original.data).toEqual({ steps: [1] })
  })

  test('a handler that takes too long fails, and its signal fires', async () => {
    const clock = new FakeClock()
    const broker = new InProcessBroker({ clock, handlerTimeoutMs: 100 })
    let isStopped = false
    await broker.subscribe({ consumer: 'hung', types: ['>'] }, ({ signal }) => {
      signal.addEventListener('abort', () => {
        isStopped = true
      })
      return new Promise(() => {})
    })
    const published = expect(broker.publish(event())).rejects.toMatchObject({ code: 'DELIVERY_FAILED' })
    await clock.advance(100)
    await published
    expect(isStopped).toBe(true)
  })

  test('more events than it may handle at once are refused, and taken again later', async () => {
    const broker = new InProcessBroker({ maxInFlight: 1 })
    const gate = Promise.withResolvers<void>()
    await broker.subscribe({ consumer: 'one', types: ['>'] }, () => gate.promise)
    const first = broker.publish(event())
    await expect(broker.publish(event())).rejects.toMatchObject({
      code: 'BROKER_OVERLOADED',
      retryable: true,
    })
    gate.resolve()
    await first
    await broker.publish(event())
  })

  test('an event above the size limit is refused, counted in bytes', async () => {
    const size = Buffer.byteLength(JSON.stringify(event('task.completed', 'é')))
    const broker = new InProcessBroker({ maxPayloadBytes: size })
    await broker.publish(event('task.completed', 'é'))
    await expect(broker.publish(event('task.completed', 'éa'))).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: { payloadBytes: size + 1, maxPayloadBytes: size },
    })
  })

  test('a closed subscription gets no more events and has finished those in hand', async () => {
    const broker = new InProcessBroker()
    const gate = Promise.withResolvers<void>()
    const handled: string[] = []
    const subscription = await broker.subscribe({ consumer: 'one', types: ['>'] }, async () => {
      await gate.promise
      handled.push('handled')
    })
    const published = broker.publish(event())
    const closed = subscription.close().then(() => handled.push('closed'))
    await broker.publish(event())
    gate.resolve()
    await Promise.all([published, closed])
    expect(handled).toEqual(['handled', 'closed'])
    await broker.subscribe({ consumer: 'one', types: ['>'] }, async () => {})
  })

  test('a consumer name is taken once, and bad options are refused', async () => {
    const broker = new InProcessBroker()
    await broker.subscribe({ consumer: 'one', types: ['>'] }, async () => {})
    const again = broker.subscribe({ consumer: 'one', types: ['>'] }, async () => {})
    await expect(again).rejects.toMatchObject({ code: 'CONSUMER_TAKEN' })
    for (const types of [[], ['task.*'], ['task>'], ['']]) {
      const bad = broker.subscribe({ consumer: 'two', types }, async () => {})
      await expect(bad).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    }
    expect(() => new InProcessBroker({ maxInFlight: 0 })).toThrow('maxInFlight')
  })
})
