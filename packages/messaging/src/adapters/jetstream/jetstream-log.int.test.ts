import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { describeWithService } from '@golden-arch/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DeliveryReceiver, OutgoingMessage, Subscription } from '../../ports/message-broker.ts'
import type { JetStreamBroker } from './jetstream-broker.ts'
import { type JetStreamNamespace, openJetStream, until } from './testing/jetstream-namespace.ts'

describeWithService('nats', 'what a JetStreamBroker tells the log', (address) => {
  let nats: JetStreamNamespace
  let logger: RecordingLogger
  let broker: JetStreamBroker

  beforeEach(async () => {
    nats = await openJetStream(address)
    logger = new RecordingLogger()
    broker = nats.broker({ logger, publishTimeoutMs: 30_000 })
    await broker.ensure([nats.stream])
  })
  afterEach(async () => {
    await broker.close({ drainTimeoutMs: 0 })
    await nats.close()
  })

  const message = (messageId: string): OutgoingMessage => ({
    ...{ subject: nats.subject('happened'), messageId, payload: new Uint8Array(1) },
  })
  const subscribe = (receive: DeliveryReceiver): Promise<Subscription> => {
    const { stream } = nats.stream
    return broker.subscribe({ stream, durable: 'hub', prefetch: 1, leaseMs: 30_000, maxAttempts: 5 }, receive)
  }
  /** The first line of a message; the test fails where there is none. */
  const lineOf = (message: string): object => {
    const line = logger.lines.find((one) => one.message === message)
    if (line === undefined) throw new Error(`not told: ${message}`)
    return { level: line.level, ...line.fields }
  }

  test('a receiver that throws, whose message comes again', async () => {
    const came: number[] = []
    await subscribe(async (delivery) => {
      came.push(delivery.deliveries)
      if (came.length === 1) throw new Error('no luck')
      await delivery.settle({ kind: 'ack' })
    })
    await broker.publish(message('a'))
    await until(() => came.length === 2)
    expect(came).toEqual([1, 2])
    expect(lineOf('receiver of a subscription failed')).toEqual({ level: 'error', err: new Error('no luck') })
  })

  test('a consumer that somebody deleted, and that it is made anew', async () => {
    const came: (string | null)[] = []
    await subscribe(async (delivery) => {
      came.push(delivery.message.messageId)
      await delivery.settle({ kind: 'ack' })
    })
    await broker.publish(message('a'))
    await until(() => came.includes('a'))
    const { stream } = nats.stream
    await (await jetstreamManager(nats.connection)).consumers.delete(stream, 'hub')
    await broker.publish(message('b'))
    await until(() => came.includes('b'))
    const place = { stream, durable: 'hub' }
    expect(lineOf('pull failed and is begun anew')).toEqual({
      ...{ level: 'warn', err: expect.any(Error), failures: 1, delayMs: expect.any(Number) },
      ...place,
    })
    expect(lineOf('consumer was deleted and is made anew')).toEqual({ level: 'error', ...place })
  })

  test('a dead letter that no stream takes, with the place of its message', async () => {
    await (await jetstreamManager(nats.connection)).streams.delete(nats.deadLetterStream)
    const answers: boolean[] = []
    await subscribe(async (delivery) => {
      const facts = { reason: 'no', code: 'NO', attempts: 1, tenantId: 'acme' }
      answers.push(await delivery.settle({ kind: 'dead-letter', ...facts }))
    })
    await broker.publish(message('a'))
    await until(() => answers.length > 0)
    expect(answers[0]).toBe(false)
    expect(lineOf('dead letter not handed over; the message stays')).toEqual({
      ...{ level: 'error', err: expect.any(Error) },
      ...{ stream: nats.stream.stream, consumer: 'hub', sequence: '1' },
    })
  })
})
