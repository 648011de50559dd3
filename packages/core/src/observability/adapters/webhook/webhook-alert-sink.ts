import { randomUUID } from 'node:crypto'
import { type CloseOptions, requireDrainTimeout, sleep, withDeadline } from '../../../time/index.ts'
import type { Alert, AlertSink } from '../../alert-sink.ts'
import { METRICS } from '../../metric-catalogue.ts'
import type { Counter } from '../../metrics.ts'
import { decideWebhookAttempt, type WebhookAnswer } from './decide-webhook-attempt.ts'
import {
  type ResolvedWebhookAlertSinkOptions,
  resolveWebhookAlertSinkOptions,
  type WebhookAlertSinkOptions,
} from './webhook-alert-sink-options.ts'
import { signWebhook } from './webhook-signature.ts'

interface QueuedAlert {
  readonly id: string
  readonly body: string
  readonly kind: string
}

/** What a sink left behind when it was closed. */
export interface WebhookDrainReport {
  /** Alerts that were not delivered. */
  readonly undelivered: number
}

/**
 * Posts each alert as JSON to one address, signed as Standard Webhooks 1.0 has it, one after another in the order in
 * which they were raised. What waits is in memory: a crash loses it, so an alert is a call to look, not a record.
 */
export class WebhookAlertSink implements AlertSink {
  readonly #options: ResolvedWebhookAlertSinkOptions
  readonly #outcomes: Counter
  readonly #queue: QueuedAlert[] = []
  readonly #closing = new AbortController()
  #sending: Promise<void> | undefined
  #isClosed = false

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: WebhookAlertSinkOptions) {
    this.#options = resolveWebhookAlertSinkOptions(options)
    this.#outcomes = this.#options.metrics.counter(METRICS.webhookAlerts)
  }

  raise(alert: Alert): void {
    const { clock, maxQueueLength } = this.#options
    try {
      if (this.#isClosed || this.#queue.length >= maxQueueLength) {
        this.#drop(alert.kind, this.#isClosed ? 'closed' : 'queue-full')
        return
      }
      const id = `alert_${randomUUID()}`
      const body = JSON.stringify({ type: alert.kind, timestamp: clock.now().toISOString(), data: alert })
      this.#queue.push({ id, body, kind: alert.kind })
      this.#sending ??= this.#send()
    } catch (error) {
      // Details that JSON cannot hold, such as a bigint.
      this.#options.logger.error({ err: error, kind: alert.kind }, 'alert not sent')
    }
  }

  /**
   * Takes no more alerts and waits until what was raised is delivered or dropped, at most `drainTimeoutMs` milliseconds.
   * Calling it again waits again.
   * @throws InvalidOptionError `INVALID_OPTION` on a time out of its range.
   */
  async close(options: CloseOptions = {}): Promise<WebhookDrainReport> {
    const timeoutMs = requireDrainTimeout(options)
    this.#isClosed = true
    const { clock } = this.#options
    try {
      await withDeadline({ timeoutMs, clock }, async () => this.#sending)
    } catch {
      this.#closing.abort()
    }
    return { undelivered: this.#queue.length }
  }

  /** As {@link WebhookAlertSink.close} does, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #send(): Promise<void> {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const isSettled = await this.#deliver(next)
      if (!isSettled) return
      this.#queue.shift()
    }
    this.#sending = undefined
  }

  async #deliver(alert: QueuedAlert): Promise<boolean> {
    const { clock, random } = this.#options
    for (let attempt = 1; ; attempt++) {
      if (this.#closing.signal.aborted) return false
      const decision = decideWebhookAttempt(await this.#post(alert), attempt, this.#options, random())
      if (decision.kind === 'delivered') {
        this.#outcomes.increment({ outcome: 'delivered' })
        return true
      }
      if (decision.kind === 'dropped') {
        this.#drop(alert.kind, decision.reason)
        return true
      }
      try {
        await sleep(decision.delayMs, { signal: this.#closing.signal, clock })
      } catch {
        return false
      }
    }
  }

  async #post({ id, body }: QueuedAlert): Promise<WebhookAnswer> {
    const { url, key, timeoutMs, clock, logger } = this.#options
    const timestampSeconds = Math.floor(clock.now().getTime() / 1000)
    const headers = {
      'content-type': 'application/json',
      ...signWebhook({ id, timestampSeconds, body }, key),
    }
    try {
      return await withDeadline({ timeoutMs, clock, signal: this.#closing.signal }, async (signal) => {
        // A redirect would carry the signed alert to an address that nobody configured.
        const response = await this.#options.fetch(url, {
          method: 'POST',
          headers,
          body,
          signal,
          redirect: 'manual',
        })
        await response.body?.cancel()
        return {
          kind: 'status',
          status: response.status,
          retryAfter: response.headers.get('retry-after'),
        }
      })
    } catch (error) {
      logger.warn({ err: error }, 'alert webhook gave no answer')
      return { kind: 'no-answer' }
    }
  }

  #drop(kind: string, reason: string): void {
    this.#outcomes.increment({ outcome: reason })
    this.#options.logger.error({ kind, reason }, 'alert dropped')
  }
}
