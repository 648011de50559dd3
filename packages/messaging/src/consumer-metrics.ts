import { METRICS, type Metrics } from '@golden-arch/core/observability'
import type { Settlement } from './decision.ts'

/** The measurements of one consumer. */
export class ConsumerMetrics {
  readonly #metrics: Metrics
  readonly #labels: { readonly stream: string; readonly consumer: string }

  constructor(metrics: Metrics, stream: string, consumer: string) {
    this.#metrics = metrics
    this.#labels = { stream, consumer }
  }

  settled(settlement: Settlement): void {
    const labels = this.#labels
    if (settlement.kind === 'ack') this.#metrics.counter(METRICS.messagesConsumed).increment(labels)
    if (settlement.kind === 'retry') this.#metrics.counter(METRICS.messagesRetried).increment(labels)
    if (settlement.kind === 'dead-letter') {
      this.#metrics.counter(METRICS.messagesDeadLettered).increment({ ...labels, code: settlement.code })
    }
  }

  handlerTook(elapsedMs: number): void {
    this.#metrics.histogram(METRICS.messageHandlerSeconds).observe(elapsedMs / 1000, this.#labels)
  }

  pending(count: number): void {
    this.#metrics.gauge(METRICS.messagesPending).set(count, this.#labels)
  }
}
