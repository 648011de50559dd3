import type { Alert } from '@golden-arch/core/observability'
import { describeWithService } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

  test('names the dead-letter stream where that is not there', async () => {
    const broker = nats.broker()
    await expect(broker.sweep([])).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
      details: { stream: nats.deadLetterStream },
    })
    await broker.close({ drainTimeoutMs: 0 })
  })
})
