import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RecordingLogger } from '../../testing/recording-logger.ts'
import { RecordingMetrics } from '../../testing/recording-metrics.ts'
import { WebhookAlertSink } from './webhook-alert-sink.ts'
import type { WebhookAlertSinkOptions } from './webhook-alert-sink-options.ts'
import { verifyWebhook } from './webhook-signature.ts'

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

describe('WebhookAlertSink', () => {
  let server: Server
  let url: string
  let received: Received[]
  let metrics: RecordingMetrics
  let logger: RecordingLogger
  /** Status of each answer, in order; then 200. `hang`: no answer. */
  let answers: (number | 'hang')[]

  beforeEach(async () => {
    received = []
    answers = []
    metrics = new RecordingMetrics()
    logger = new RecordingLogger()
    server = createServer(async (request, response) => {
      let body = ''
      for await (const part of request.setEncoding('utf8')) body += part
      received.push({ headers: request.headers, body })
      const answer = answers.shift() ?? 200
      if (answer !== 'hang') response.writeHead(answer, { location: '/elsewhere' }).end('thanks')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=hidden` // a TCP server's address
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })

  const sinkOf = (changes: Partial<WebhookAlertSinkOptions> = {}): WebhookAlertSink =>
    new WebhookAlertSink({ url, secret, initialDelayMs: 1, maxDelayMs: 4, logger, metrics, ...changes })
  const raise = (sink: WebhookAlertSink, key: string): void =>
    sink.raise({ kind: 'deadLetter.recorded', severity: 'warning', summary: `é ${key}`, key })
  const keys = (): string[] => received.map(({ body }) => JSON.parse(body).data.key)

  test('alerts arrive in order, each signed so that the receiver can tell', async () => {
    const sink = sinkOf()
    for (const key of ['a', 'b', 'c']) raise(sink, key)
    expect(await sink.close({ drainTimeoutMs: 10_000 })).toEqual({ undelivered: 0 })
    expect(keys()).toEqual(['a', 'b', 'c'])
    for (const { headers, body } of received) {
      expect(verifyWebhook({ secret, headers, body, now: new Date() })).toBe(true)
    }
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      type: 'deadLetter.recorded',
      timestamp: expect.any(String),
      data: { severity: 'warning', summary: 'é a' },
    })
    expect(metrics.counterValue('webhook_alerts_total', { outcome: 'delivered' })).toBe(3)
  })

  test('a receiver that fails is asked again with the same id, and nothing overtakes', async () => {
    answers = [500, 503, 429]
    const sink = sinkOf()
    raise(sink, 'a')
    raise(sink, 'b')
    expect(await sink.close({ drainTimeoutMs: 10_000 })).toEqual({ undelivered: 0 })
    expect(keys()).toEqual(['a', 'a', 'a', 'a', 'b'])
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(2)
  })

  test('one that gives no answer is given up at the timeout and asked again', async () => {
    answers = ['hang']
    const sink = sinkOf({ timeoutMs: 50 })
    raise(sink, 'a')
    expect(await sink.close({ drainTimeoutMs: 10_000 })).toEqual({ undelivered: 0 })
    expect(keys().length).toBeGreaterThanOrEqual(2)
    expect(logger.lines[0]).toMatchObject({
      ...{ level: 'warn', message: 'alert webhook gave no answer' },
      fields: { err: { code: 'DEADLINE_EXCEEDED' } },
    })
  })

  test('an alert refused for good, or too often, is dropped, logged and counted; a redirect is not followed', async () => {
    answers = [401, 302, 500, 500]
    const sink = sinkOf({ maxAttempts: 2 })
    for (const key of ['a', 'b', 'c', 'd']) raise(sink, key)
    expect(await sink.close({ drainTimeoutMs: 10_000 })).toEqual({ undelivered: 0 })
    expect(keys()).toEqual(['a', 'b', 'c', 'c', 'd'])
    expect(metrics.counterValue('webhook_alerts_total', { outcome: 'refused' })).toBe(2)
    expect(metrics.counterValue('webhook_alerts_total', { outcome: 'attempts-exhausted' })).toBe(1)
    expect(logger.messages('error')).toEqual(['alert dropped', 'alert dropped', 'alert dropped'])
    expect(JSON.stringify(logger.lines)).not.toContain('hidden')
  })

  test('what exceeds the queue is dropped and counted, and raising neither waits nor throws', async () => {
    answers = ['hang']
    const sink = sinkOf({ maxQueueLength: 2, timeoutMs: 60_000 })
    for (const key of ['a', 'b', 'c', 'd']) raise(sink, key)
    expect(metrics.counterValue('webhook_alerts_total', { outcome: 'queue-full' })).toBe(2)
    expect(await sink.close({ drainTimeoutMs: 20 })).toEqual({ undelivered: 2 })
    raise(sink, 'e')
    expect(metrics.counterValue('webhook_alerts_total', { outcome: 'closed' })).toBe(1)
    sink.raise({ kind: 'x', severity: 'info', summary: 'x', details: { big: 1n } })
  })

  test('details that JSON cannot hold are logged, not thrown', async () => {
    const sink = sinkOf()
    sink.raise({ kind: 'x', severity: 'info', summary: 'x', details: { big: 1n } })
    expect(logger.messages('error')).toEqual(['alert not sent'])
    raise(sink, 'a')
    expect(await sink.close({ drainTimeoutMs: 10_000 })).toEqual({ undelivered: 0 })
  })

  test('bad options are refused, without showing address or secret', () => {
    for (const bad of [
      { url: 'ftp://hidden' },
      { url: 'https://' },
      { secret: 'hidden' },
      { maxAttempts: 0 },
    ]) {
      let text = ''
      try {
        sinkOf(bad)
      } catch (error) {
        text = String(error)
      }
      expect(text).toContain('option')
      expect(text).not.toContain('hidden')
    }
  })
})
