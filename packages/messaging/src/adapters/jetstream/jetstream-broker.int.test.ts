import { describeWithService, startNats } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postponementContract } from '../../consumer/postponement.contract.ts'
import type { DeliverySettlement } from '../../decision.ts'
import type { BrokerDelivery, OutgoingMessage, SubscriptionOptions } from '../../ports/message-broker.ts'
import { MemoryAttemptStore } from '../memory/memory-attempt-store.ts'
import type { JetStreamBroker } from './jetstream-broker.ts'
import { type JetStreamNamespace, openJetStream, until } from './testing/jetstream-namespace.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const ACK: DeliverySettlement = { kind: 'ack' }
const GIVE_UP: DeliverySettlement = {
  kind: 'dead-letter',
  reason: 'no',
  code: 'NO',
  attempts: 1,
  tenantId: 'acme',
}

describeWithService('nats', 'JetStreamBroker', (address) => {
  let nats: JetStreamNamespace
  let broker: JetStreamBroker

  beforeEach(async () => {
    nats = await openJetStream(address)
    broker = nats.broker()
    await broker.ensure([nats.stream])
  })
  afterEach(async () => {
    await broker.close({ drainTimeoutMs: 0 })
    await nats.close()
  })

  const message = (id: string, changes: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
    subject: nats.subject('happened'),
    messageId: id,
    payload: bytes(id),
    ...changes,
  })
  const options = (changes: Partial<SubscriptionOptions> = {}): SubscriptionOptions => ({
    stream: nats.stream.stream,
    durable: 'hub',
    prefetch: 10,
    leaseMs: 30_000,
    maxAttempts: 5,
    ...changes,
  })

  const counted = new MemoryAttemptStore()
  postponementContract('on JetStream', () => ({ broker, stream: nats.stream, attempts: counted }))

  test('ensuring the same streams again changes nothing; what can be mended is, what cannot is reported', async () => {
    expect(await broker.ensure([nats.stream])).toEqual({ created: [], updated: [], drift: [] })
    const manager = await jetstreamManager(nats.connection)
    const { stream } = nats.stream
    expect(await broker.ensure([{ ...nats.stream, maxAgeMs: 3_600_000 }])).toMatchObject({
      updated: [stream],
    })
    expect((await manager.streams.info(stream)).config.max_age).toBe(3_600_000 * 1_000_000)
    await manager.streams.delete(stream)
    await manager.streams.add({ name: stream, subjects: [...nats.stream.subjects], storage: 'memory' })
    const { drift } = await broker.ensure([nats.stream])
    expect(drift).toContainEqual({ stream, field: 'storage', declared: 'file', found: 'memory' })
  })

  test('more copies than one server can hold are refused as a wrong option, not as an outage', async () => {
    const copying = nats.broker({ replicas: 3 })
    const fresh = { stream: `${nats.stream.stream}_2`, subjects: [`${nats.stream.stream}x.>`] }
    for (const stream of [nats.stream, fresh]) {
      const rule = '1 where NATS is no cluster'
      await expect(copying.ensure([stream])).rejects.toEqual(invalidOption('replicas', rule))
    }
    expect(await broker.ensure([nats.stream])).toMatchObject({ updated: [], drift: [] })
    await copying.close({ drainTimeoutMs: 0 })
  })

  test('two processes may ensure at once', async () => {
    const names = [1, 2, 3].map((one) => ({
      stream: `${nats.stream.stream}_${one}`,
      subjects: [`${nats.stream.stream}x${one}.>`],
    }))
    const others = [nats.broker(), nats.broker()]
    const reports = await Promise.all(others.map((one) => one.ensure(names)))
    expect(reports.flatMap(({ created }) => created).length).toBeGreaterThanOrEqual(3)
    const manager = await jetstreamManager(nats.connection)
    for (const { stream } of names) await manager.streams.delete(stream)
  })

  test('a dead letter is stored before its message is terminated, with all that is known of it', async () => {
    await broker.publish(message('a', { headers: { traceparent: ['00-1'] } }))
    const subscription = await broker.subscribe(options(), async (one) => void (await one.settle(GIVE_UP)))
    const manager = await jetstreamManager(nats.connection)
    await until(async () => (await manager.streams.info(nats.deadLetterStream)).state.messages === 1)
    const stored = await broker.findStored({ stream: nats.deadLetterStream, sequence: '1' })
    expect(stored).toMatchObject({ payload: bytes('a') })
    await until(async () => (await subscription.pending()) === 0)
  })

  test('while the dead-letter stream is missing or full, a message that was given up stays and comes again', async () => {
    const manager = await jetstreamManager(nats.connection)
    await manager.streams.delete(nats.deadLetterStream)
    const alerts: string[] = []
    const watched = nats.broker({
      publishTimeoutMs: 500,
      alerts: { raise: ({ kind }) => void alerts.push(kind) },
    })
    await broker.publish(message('a'))
    const answers: boolean[] = []
    const subscription = await watched.subscribe(options(), async (one) => {
      answers.push(await one.settle(GIVE_UP))
    })
    await until(() => answers.length >= 1)
    expect(answers[0]).toBe(false)
    expect(alerts).toContain('deadLetter.handOffFailed')
    expect(await subscription.pending()).toBe(1)
    await broker.ensure([nats.stream])
    await until(() => answers.at(-1) === true)
    await until(async () => (await subscription.pending()) === 0)
    expect((await manager.streams.info(nats.deadLetterStream)).state.messages).toBe(1)
    await watched.close({ drainTimeoutMs: 1000 })
  })

  test('a payload too large beside its failure stays at its source', async () => {
    const limit = nats.connection.info?.max_payload ?? 0
    await broker.publish(message('a', { payload: new Uint8Array(limit - 700) }))
    const subscription = await broker.subscribe(options(), async (one) => void (await one.settle(GIVE_UP)))
    await until(async () => (await subscription.pending()) === 0)
    expect((await broker.findStored({ stream: nats.deadLetterStream, sequence: '1' }))?.payload).toHaveLength(
      0,
    )
    expect((await broker.findStored({ stream: nats.stream.stream, sequence: '1' }))?.payload).toHaveLength(
      limit - 700,
    )
  })

  test('a subject that no stream takes, a transaction and a closed broker are told apart', async () => {
    await expect(broker.publish(message('a', { subject: 'nobody.takes.this' }))).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
    })
    const tx = { scope: 'transaction' } as never // JetStream only looks whether there is one
    await expect(broker.publish(message('a'), { tx })).rejects.toMatchObject({
      code: 'TRANSACTION_UNSUPPORTED',
    })
    await broker.close({ drainTimeoutMs: 0 })
    await expect(broker.publish(message('a'))).rejects.toMatchObject({ code: 'BROKER_CLOSED' })
  })

  test('while the connection is being made anew, a message is not too large', async () => {
    // The client forgets what the server said of itself until it is connected again.
    let isConnected = true
    const connection = Object.create(nats.connection, {
      info: { get: () => (isConnected ? nats.connection.info : undefined) },
    }) as typeof nats.connection // all else is inherited
    const watched = nats.broker({ connection })
    isConnected = false
    expect(await watched.publish(message('a'))).toMatchObject({ isDuplicate: false })
    await watched.close({ drainTimeoutMs: 0 })
  })

  test('of many publications at once each is stored once, in its place, and those stored before are told', async () => {
    const durable = nats.broker({ durability: 'power-loss' })
    await durable.ensure([nats.stream])
    const ids = Array.from({ length: 600 }, (_one, index) => `id-${index}`)
    const known = new Map<string, string>()
    for (const id of ids.slice(100, 110)) known.set(id, (await broker.publish(message(id))).sequence)
    const receipts = await Promise.all(ids.map((id) => durable.publish(message(id))))
    for (const [index, { sequence, isDuplicate }] of receipts.entries()) {
      const id = ids[index] ?? ''
      expect(isDuplicate, id).toBe(known.has(id))
      if (isDuplicate) expect(sequence, id).toBe(known.get(id))
      else expect((await durable.findStored({ stream: nats.stream.stream, sequence }))?.messageId).toBe(id)
    }
    const manager = await jetstreamManager(nats.connection)
    expect((await manager.streams.info(nats.stream.stream)).state.messages).toBe(ids.length)
    await durable.close({ drainTimeoutMs: 0 })
  })

  test('a stream at its bound refuses a publication and keeps what it has', async () => {
    await broker.ensure([{ ...nats.stream, maxBytes: 1_048_576 }])
    const payload = new Uint8Array(400_000)
    await broker.publish(message('a', { payload }))
    await broker.publish(message('b', { payload }))
    await expect(broker.publish(message('c', { payload }))).rejects.toMatchObject({
      code: 'STREAM_FULL',
      retryable: true,
    })
    expect((await broker.findStored({ stream: nats.stream.stream, sequence: '1' }))?.messageId).toBe('a')
  })

  test('a consumer that somebody deleted is made anew', async () => {
    const seen: string[] = []
    await broker.subscribe(options({ prefetch: 1 }), async (one: BrokerDelivery) => {
      seen.push(one.message.messageId ?? '')
      await one.settle(ACK)
    })
    await broker.publish(message('a'))
    await until(() => seen.includes('a'))
    const manager = await jetstreamManager(nats.connection)
    await manager.consumers.delete(nats.stream.stream, 'hub')
    await broker.publish(message('b'))
    await until(() => seen.includes('b'))
  })

  test('subscribing anew with another lease or other subjects changes the consumer, not its place', async () => {
    const seen: string[] = []
    const take = async (one: BrokerDelivery): Promise<void> => {
      seen.push(one.message.messageId ?? '')
      await one.settle(ACK)
    }
    await broker.publish(message('a'))
    const first = await broker.subscribe(options(), take)
    await until(() => seen.includes('a'))
    await first.close({ drainTimeoutMs: 5000 })
    await broker.subscribe(options({ leaseMs: 5000, subjects: [nats.subject('b')] }), take)
    const manager = await jetstreamManager(nats.connection)
    const { config } = await manager.consumers.info(nats.stream.stream, 'hub')
    expect(config.ack_wait).toBe(5000 * 1_000_000)
    await broker.publish(message('c'))
    await broker.publish(message('b', { subject: nats.subject('b') }))
    await until(() => seen.includes('b'))
    expect(seen).toEqual(['a', 'b'])
  })

  test('the server gives a message up some way beyond its attempts, and one that follows dead letters never', async () => {
    const { jetstreamManager } = await import('@nats-io/jetstream')
    const consumers = (await jetstreamManager(nats.connection)).consumers
    const given = nats.broker({ deliveryMargin: 7 })
    await given.ensure([nats.stream])
    const durable = 'reader'
    for (const [stream, expected] of [
      [nats.stream.stream, 12],
      [nats.deadLetterStream, -1],
      [nats.advisoryStream, -1],
    ] as const) {
      await given.subscribe({ ...options(), stream, durable, maxAttempts: 5 }, async () => {})
      expect((await consumers.info(stream, durable)).config.max_deliver).toBe(expected)
    }
    await given.close({ drainTimeoutMs: 5000 })
  })

  test('a sweep tells of a consumer that nobody attends to and of a dead-letter stream that is nearly full', async () => {
    const alerts: string[] = []
    const watched = nats.broker({
      deadLetterMaxBytes: 1_048_576,
      alerts: { raise: ({ kind }) => void alerts.push(kind) },
    })
    await watched.ensure([nats.stream])
    expect(await watched.sweep([nats.stream.stream])).toEqual({ consumers: 0, unattended: 0, asked: 0 })
    const subscription = await watched.subscribe(options(), async (one) => void (await one.settle(ACK)))
    await subscription.close({ drainTimeoutMs: 5000 })
    await broker.publish(message('a'))
    const client = (await import('@nats-io/jetstream')).jetstream(nats.connection)
    await client.publish(`${nats.deadLetterSubject}.x`, new Uint8Array(900_000))
    await until(async () => (await watched.sweep([nats.stream.stream])).unattended === 1)
    expect(alerts).not.toContain('consumer.unattended')
    await watched.sweep([nats.stream.stream])
    expect(new Set(alerts)).toEqual(new Set(['deadLetter.streamNearlyFull', 'consumer.unattended']))
  })

  describe('on a server of its own', () => {
    test('while the server is gone, no more publications wait than allowed, and closing keeps to its deadline', async () => {
      const server = await startNats()
      const own = await openJetStream(server.address)
      try {
        const there = own.broker({ maxQueueLength: 2 })
        await there.ensure([own.stream])
        const started = Promise.withResolvers<AbortSignal>()
        await there.subscribe({ ...options(), stream: own.stream.stream }, async ({ signal }) => {
          started.resolve(signal)
          await new Promise(() => {})
        })
        const publish = (id: string, timeoutMs = 2000) =>
          there.publish({ ...message(id), subject: own.subject('x') }, { timeoutMs })
        await publish('held', 60_000)
        const signal = await started.promise
        await server.kill()
        const waiting = [publish('a'), publish('b')].map((one) => one.catch((error: unknown) => error))
        await expect(publish('c')).rejects.toMatchObject({
          code: 'BROKER_OVERLOADED',
          retryable: true,
          details: { maxQueueLength: 2 },
        })
        for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ retryable: true })
        const startedAt = performance.now()
        expect(await there.close({ drainTimeoutMs: 3000 })).toMatchObject({ abandoned: 1 })
        // A deadline kept on the busiest machine, told from a wait for a server that never comes back.
        expect(performance.now() - startedAt).toBeLessThan(60_000)
        expect(signal.aborted).toBe(true)
      } finally {
        await own.connection.close()
        await server.stop()
      }
    }, 300_000)

    test('a publication to a lost server rejects within its timeout, and consumers resume by themselves', async () => {
      const server = await startNats()
      const own = await openJetStream(server.address)
      try {
        const there = own.broker({ acknowledge: 'double' })
        await there.ensure([own.stream])
        const seen = new Set<string>()
        await there.subscribe({ ...options(), stream: own.stream.stream, leaseMs: 1000 }, async (one) => {
          seen.add(one.message.messageId ?? '')
          await one.settle(ACK)
        })
        const publish = (id: string, timeoutMs = 2000) =>
          there.publish({ ...message(id), subject: own.subject('x') }, { timeoutMs })
        await publish('before', 60_000)
        await until(() => seen.has('before'))
        await server.kill()
        await expect(publish('during', 300)).rejects.toMatchObject({ retryable: true })
        await server.restart()
        await until(() =>
          publish('after').then(
            () => true,
            () => false,
          ),
        )
        await until(() => seen.has('after'))
        await there.close({ drainTimeoutMs: 1000 })
      } finally {
        await own.close()
        await server.stop()
      }
    }, 300_000)
  })
})
