import type { Alert } from '@golden-arch/core/observability'
import { describeWithService } from '@golden-arch/testkit'
import { type Consumer, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JetStreamBroker } from './jetstream-broker.ts'
import { type JetStreamNamespace, openJetStream, until } from './testing/jetstream-namespace.ts'

describeWithService('nats', 'a sweep of a JetStreamBroker', (address) => {
  let nats: JetStreamNamespace

  beforeEach(async () => {
    nats = await openJetStream(address)
  })
  afterEach(() => nats.close())

  test('names a stream that is not there, and looks at those behind it and at the dead letters all the same', async () => {
    const alerts: Alert[] = []
    const broker = nats.broker({
      deadLetterMaxBytes: 1_048_576,
      alerts: { raise: (alert) => void alerts.push(alert) },
    })
    await broker.ensure([nats.stream])
    const { stream } = nats.stream
    const consumer = { stream, durable: 'hub', prefetch: 10, leaseMs: 30_000, maxAttempts: 5 }
    const subscription = await broker.subscribe(consumer, async () => {})
    await subscription.close({ drainTimeoutMs: 5000 })
    const publish = (subject: string, length: number) =>
      broker.publish({ subject, messageId: subject, payload: new Uint8Array(length) })
    await publish(nats.subject('happened'), 1)
    await publish(`${nats.deadLetterSubject}.x`, 900_000)
    const missing = `${stream}_missing`
    await until(async () => {
      await expect(broker.sweep([missing, stream])).rejects.toMatchObject({
        code: 'STREAM_NOT_FOUND',
        message: `there is no stream ${missing}`,
        details: { stream: missing },
      })
      return alerts.some(({ kind, details }) => kind === 'consumer.unattended' && details?.stream === stream)
    }, 20_000)
    expect(alerts.map(({ kind }) => kind)).toContain('deadLetter.streamNearlyFull')
    await broker.close({ drainTimeoutMs: 0 })
  })

  describe('finds a consumer that nobody attends to', () => {
    /** A consumer without anybody who pulls for it. */
    const openConsumer = async (broker: JetStreamBroker, leaseMs: number): Promise<Consumer> => {
      await broker.ensure([nats.stream])
      const { stream } = nats.stream
      const config = { durable_name: 'dying', ack_policy: 'explicit', max_deliver: 3 } as const
      const manager = await jetstreamManager(nats.connection)
      await manager.consumers.add(stream, { ...config, ack_wait: leaseMs * 1_000_000 })
      return jetstream(nats.connection).consumers.get(stream, 'dying')
    }
    /** Which message comes next, and for the how many-th time. */
    const next = async (consumer: Consumer): Promise<readonly [number, number] | undefined> => {
      const message = await consumer.next({ expires: 1000 })
      return message === null ? undefined : [message.seq, message.info.deliveryCount]
    }
    const publish = (broker: JetStreamBroker, messageId: string) =>
      broker.publish({ subject: nats.subject('x'), messageId, payload: new Uint8Array(1) })
    const UNATTENDED = { consumers: 1, unattended: 1, asked: 1 }

    test('and uses up no delivery of its message, but brings to light that they are used up', async () => {
      const broker = nats.broker()
      const consumer = await openConsumer(broker, 50)
      const sweep = () => broker.sweep([nats.stream.stream])
      await publish(broker, 'a')
      expect(await next(consumer)).toEqual([1, 1])
      for (let count = 0; count < 4; count++) expect(await sweep()).toEqual(UNATTENDED)
      expect(await next(consumer)).toEqual([1, 2])
      expect(await next(consumer)).toEqual([1, 3])
      const manager = await jetstreamManager(nats.connection)
      await until(async () => {
        await sweep()
        return (await manager.streams.info(nats.advisoryStream)).state.messages === 1
      })
      expect(await sweep()).toEqual({ consumers: 1, unattended: 0, asked: 0 })
      await broker.close({ drainTimeoutMs: 0 })
    })

    test('and leaves a message alone that has not come yet', async () => {
      const broker = nats.broker()
      const consumer = await openConsumer(broker, 60_000)
      await publish(broker, 'held')
      expect(await next(consumer)).toEqual([1, 1])
      await publish(broker, 'new')
      for (let count = 0; count < 2; count++) {
        expect(await broker.sweep([nats.stream.stream])).toEqual(UNATTENDED)
      }
      expect(await next(consumer)).toEqual([2, 1])
      await broker.close({ drainTimeoutMs: 0 })
    })
  })

  test('names the dead-letter stream where that is not there', async () => {
    const broker = nats.broker()
    await expect(broker.sweep([])).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
      details: { stream: nats.deadLetterStream },
    })
    await broker.close({ drainTimeoutMs: 0 })
  })
})
