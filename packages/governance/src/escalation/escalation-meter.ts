import { type Counter, type Histogram, METRICS, type Metrics } from '@golden-arch/core/observability'
import type { RaisedEscalation } from './raised-escalation.ts'

/** Counts what happens to escalations, and times how long people take, under the names of the catalogue. */
export class EscalationMeter {
  readonly #events: Counter
  readonly #seconds: Histogram

  constructor(metrics: Metrics) {
    this.#events = metrics.counter(METRICS.escalationEvents)
    this.#seconds = metrics.histogram(METRICS.escalationResolutionSeconds)
  }

  /** Something happened, such as `raised`; the same names as those of the events. */
  happened(event: string, escalation: RaisedEscalation): void {
    const { severity, raisedAt } = escalation
    this.#events.increment({ event, severity })
    // A withdrawal tells nothing of how long people take.
    if (escalation.status !== 'resolved' || event === 'withdrawn') return
    const ms = escalation.resolved.at.getTime() - raisedAt.getTime()
    // The database's clock may have been set back in between.
    this.#seconds.observe(Math.max(0, ms) / 1000, { severity })
  }
}
