import {
  type Counter,
  type Gauge,
  type Histogram,
  METRICS,
  type Metrics,
} from '@golden-arch/core/observability'
import type { DeliverySettlement } from '../decision.ts'

/** The measurements of one consumer. */
export class ConsumerMetrics {
  readonly #labels: { readonly stream: string; readonly consumer: string }
  readonly #consumed: Counter
  readonly #retried: Counter
  readonly #deadLettered: Counter
  readonly #handlerSeconds: Histogram
  readonly #pending: Gauge

  constructor(metrics: Metrics, stream: string, consumer: string) {
    this.#labels = { stream, consumer }
    this.#consumed = metrics.counter(METRICS.messagesConsumed)
    this.#retried = metrics.counter(METRICS.messagesRetried)
    this.#deadLettered = metrics.counter(METRICS.messagesDeadLettered)
    this.#handlerSeconds = metrics.histogram(METRICS.messageHandlerSeconds)
    this.#pending = metrics.gauge(METRICS.messagesPending)
  }

  settled(settlement: DeliverySettlement): void {
    const labels = this.#labels
    if (settlement.kind === 'ack') this.#consumed.increment(labels)
    if (settlement.kind === 'retry') this.#retried.increment(labels)
    if (settlement.kind === 'dead-letter') {
      this.#deadLettered.increment({ ...labels, code: settlement.code })
    }
  }

  handlerTook(elapsedMs: number): void {
    this.#handlerSeconds.observe(elapsedMs / 1000, this.#labels)
  }

  pending(count: number): void {
    this.#pending.set(count, this.#labels)
  }
}
