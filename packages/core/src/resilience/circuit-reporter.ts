import { EventListeners } from '../observability/index.ts'
import type { CallOutcome } from './call-outcome.ts'
import type { CircuitEventMap, CircuitEventType, CircuitListener } from './circuit-breaker-events.ts'
import type { ResolvedCircuitBreakerOptions } from './circuit-breaker-options.ts'
import { CircuitMeter } from './circuit-meter.ts'
import type { CircuitChange, CircuitStatus } from './circuit-state.ts'

/** Tells of one circuit: to its listeners, those of its registry, and the metrics. Nothing it does throws. */
export class CircuitReporter {
  readonly #name: string
  readonly #options: ResolvedCircuitBreakerOptions
  readonly #meter: CircuitMeter | undefined
  #listeners: EventListeners<CircuitEventMap> | undefined

  constructor(name: string, options: ResolvedCircuitBreakerOptions) {
    this.#name = name
    this.#options = options
    this.#meter = options.instruments === undefined ? undefined : new CircuitMeter(options.instruments, name)
    if (this.#meter !== undefined) this.show('closed')
  }

  /** Whether anybody wants to know how long calls take. */
  get isTimed(): boolean {
    return this.#meter !== undefined || this.#isHeard('circuit.callEnded')
  }

  on<Type extends CircuitEventType>(type: Type, listener: CircuitListener<Type>): () => void {
    this.#listeners ??= new EventListeners<CircuitEventMap>(this.#options.logger)
    return this.#listeners.add(type, listener)
  }

  changed(change: CircuitChange): void {
    const { cause, failureCount, actor } = change
    this.#measure((meter) => meter.transitioned(change.to.status))
    this.#options.logger.info(
      { name: this.#name, from: change.from.status, to: change.to.status, cause, failureCount, actor },
      'circuit changed its state',
    )
    if (this.#isHeard('circuit.changed')) this.#tell('circuit.changed', { name: this.#name, change })
  }

  rejected(status: CircuitStatus, retryAfterMs: number | undefined): void {
    if (this.#meter !== undefined) this.#measure((meter) => meter.callRejected())
    if (this.#isHeard('circuit.rejected')) {
      this.#tell('circuit.rejected', { name: this.#name, status, retryAfterMs })
    }
  }

  callEnded(outcome: CallOutcome, durationMs: number): void {
    if (this.#meter !== undefined) this.#measure((meter) => meter.callEnded(outcome, durationMs))
    if (this.#isHeard('circuit.callEnded')) {
      this.#tell('circuit.callEnded', { name: this.#name, outcome, durationMs })
    }
  }

  /** Shows the state without a transition. */
  show(status: CircuitStatus): void {
    if (this.#meter !== undefined) this.#measure((meter) => meter.show(status))
  }

  /** The circuit is not there any more: it holds nobody up, and nothing is kept for it. */
  forget(): void {
    this.show('closed')
    if (this.#meter !== undefined) this.#measure((meter) => meter.forget())
  }

  #isHeard(type: CircuitEventType): boolean {
    return this.#listeners?.isHeard(type) === true || this.#options.listeners?.isHeard(type) === true
  }

  #tell<Type extends CircuitEventType>(type: Type, data: CircuitEventMap[Type]): void {
    const at = this.#options.clock.now()
    this.#listeners?.tell(type, data, at)
    this.#options.listeners?.tell(type, data, at)
  }

  #measure(measure: (meter: CircuitMeter) => void): void {
    if (this.#meter === undefined) return
    try {
      measure(this.#meter)
    } catch (error) {
      this.#options.logger.error({ err: error, name: this.#name }, 'a circuit could not be measured')
    }
  }
}
