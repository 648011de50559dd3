import type { Alert } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { describeWithService } from '@golden-arch/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SubscriptionOptions } from '../../ports/message-broker.ts'
import type { JetStreamBroker } from './jetstream-broker.ts'
import { type JetStreamNamespace, openJetStream, until } from './testing/jetstream-namespace.ts'

describeWithService('nats', 'streams that the server has lost', (address) => {
  let nats: JetStreamNamespace
  let broker: JetStreamBroker
  let logger: RecordingLogger
  const alerts: Alert[] = []
  const received: string[] = []

  beforeEach(async () => {
    nats = await openJetStream(address)
    alerts.length = 0
    logger = new RecordingLogger()
    const sink = { raise: (alert: Alert) => void alerts.push(alert) }
    broker = nats.broker({ alerts: sink, logger, publishTimeoutMs: 5000 })
    await broker.ensure([nats.stream])
    received.length = 0
  })
  afterEach(async () => {
    await broker.close({ drainTimeoutMs: 0 })
    await nats.close()
  })

  const names = (): readonly string[] => [nats.advisoryStream, nats.deadLetterStream, nats.stream.stream]

  async function lose(): Promise<void> {
    const manager = await jetstreamManager(nats.connection)
    for (const name of names()) await manager.streams.delete(name)
  }

  async function isThere(name: string): Promise<boolean> {
    const manager = await jetstreamManager(nats.connection)
    return manager.streams.info(name).then(
      () => true,
      () => false,
    )
  }

  function subscribe(changes: Partial<SubscriptionOptions> = {}): Promise<unknown> {
    const { stream } = nats.stream
    const options = { stream, durable: 'hub', prefetch: 10, leaseMs: 30_000, maxAttempts: 5, ...changes }
    return broker.subscribe(options, async (delivery) => {
      received.push(String(delivery.message.messageId))
      await delivery.settle({ kind: 'ack' })
    })
  }

  /** As a relay does: again, until it is stored. */
  async function publish(messageId: string): Promise<number> {
    const message = { subject: nats.subject('happened'), messageId, payload: new Uint8Array() }
    let failures = -1
    await until(async () => {
      failures++
      return broker.publish(message).then(
        () => true,
        () => false,
      )
    })
    return failures
  }

  test('are made anew by who publishes, and told of once', async () => {
    await publish('a')
    await lose()
    expect(await publish('b')).toBe(1)
    for (const name of names()) expect(await isThere(name)).toBe(true)
    expect(alerts).toEqual([
      expect.objectContaining({ kind: 'streams.lost', severity: 'critical', details: { streams: names() } }),
    ])
    const message = 'the server had lost streams, which are made anew'
    expect(logger.lines.filter((line) => line.message === message)).toEqual([
      { level: 'error', message, fields: { streams: names() } },
    ])
  })

  test('are made anew by who listens, who then hears what comes', async () => {
    await subscribe()
    await publish('a')
    await until(() => received.includes('a'))
    await lose()
    await until(() => isThere(nats.stream.stream))
    await publish('b')
    await until(() => received.includes('b'))
    expect(received).toEqual(['a', 'b'])
  })

  test('stay away where nobody here had made them', async () => {
    const subject = `${nats.stream.stream.toLowerCase()}.other`
    await expect(
      broker.publish({ subject, messageId: 'x', payload: new Uint8Array() }),
    ).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
    })
    expect(alerts).toEqual([])
  })
})
