import { type Counter, type Gauge, type Histogram, METRICS, type Metrics } from '../observability/index.ts'
import type { CallOutcome } from './call-outcome.ts'
import type { CircuitStatus } from './circuit-state.ts'

/** What `circuit_breaker_state` shows: 0 where calls pass, 1 where probes do, 2 where none does. */
const STATE_VALUES: Readonly<Record<CircuitStatus, number>> = Object.freeze({
  closed: 0,
  'forced-closed': 0,
  disabled: 0,
  'half-open': 1,
  open: 2,
  'forced-open': 2,
})

/** The instruments of circuit breakers, asked for once and shared by all breakers that measure to one place. */
export class CircuitInstruments {
  readonly state: Gauge
  readonly calls: Counter
  readonly transitions: Counter
  readonly callSeconds: Histogram

  constructor(metrics: Metrics) {
    this.state = metrics.gauge(METRICS.circuitBreakerState)
    this.calls = metrics.counter(METRICS.circuitBreakerCalls)
    this.transitions = metrics.counter(METRICS.circuitBreakerTransitions)
    this.callSeconds = metrics.histogram(METRICS.circuitBreakerCallSeconds)
  }
}

/** Measures one circuit. Its labels are built once, not with each call. */
export class CircuitMeter {
  readonly #instruments: CircuitInstruments
  readonly #name: { readonly name: string }
  readonly #outcomes: Readonly<Record<CallOutcome | 'rejected', { name: string; outcome: string }>>

  constructor(instruments: CircuitInstruments, name: string) {
    this.#instruments = instruments
    this.#name = { name }
    this.#outcomes = {
      success: { name, outcome: 'success' },
      failure: { name, outcome: 'failure' },
      ignored: { name, outcome: 'ignored' },
      rejected: { name, outcome: 'rejected' },
    }
  }

  callEnded(outcome: CallOutcome, durationMs: number): void {
    this.#instruments.calls.increment(this.#outcomes[outcome])
    this.#instruments.callSeconds.observe(durationMs / 1000, this.#name)
  }

  callRejected(): void {
    this.#instruments.calls.increment(this.#outcomes.rejected)
  }

  transitioned(to: CircuitStatus): void {
    this.#instruments.transitions.increment({ name: this.#name.name, to })
    this.show(to)
  }

  /** Lets go of all series of the circuit. */
  forget(): void {
    const { calls, callSeconds, transitions, state } = this.#instruments
    for (const labels of Object.values(this.#outcomes)) calls.remove?.(labels)
    for (const to of Object.keys(STATE_VALUES)) transitions.remove?.({ name: this.#name.name, to })
    callSeconds.remove?.(this.#name)
    state.remove?.(this.#name)
  }

  show(status: CircuitStatus): void {
    this.#instruments.state.set(STATE_VALUES[status], this.#name)
  }
}
