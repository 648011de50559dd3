import { isGoldenError } from '@golden-arch/core/errors'
import { type Gauge, METRICS, type Metrics } from '@golden-arch/core/observability'
import {
  bulkhead,
  type CircuitBreakerRegistry,
  type ComposedPolicy,
  compose,
  type ExecuteOptions,
  type FailureClassifier,
  retry,
  timeout,
} from '@golden-arch/core/resilience'
import { type Clock, MAX_TIMER_MS } from '@golden-arch/core/time'
import { ModelCallError } from './model-call-error.ts'
import type { ModelOutcome, ModelPort } from './model-port.ts'

/** How calls to a model are kept within bounds. */
export interface ModelBounds {
  readonly breakers: CircuitBreakerRegistry
  readonly metrics: Metrics
  /** Calls to one model at once. */
  readonly maxConcurrent: number
  /** Milliseconds that one attempt may take. */
  readonly timeoutMs: number
  /** Milliseconds of the first pause between attempts, at most; doubled for each further one. */
  readonly retryDelayMs: number
  readonly clock: Clock
}

/** Attempts at one call of one model. */
const MAX_ATTEMPTS = 3
const MAX_QUEUE_LENGTH = 1000
export const MAX_QUEUE_WAIT_MS = 60_000
/** Beside what the attempts themselves take: their pauses, those that servers ask for among them. */
const MAX_PAUSES_MS = 300_000

/**
 * A model behind bulkhead, retry, breaker and timeout, in this order. They are composed in two parts, as between them each
 * attempt is held on the budget and written into the ledger of effects: a breaker that refuses leaves no effect behind.
 */
export class GuardedModel {
  readonly port: ModelPort
  readonly #attempts: ComposedPolicy
  readonly #sending: ComposedPolicy
  readonly #open: Gauge
  #openCalls = 0

  /** @throws InvalidOptionError `INVALID_OPTION` on a number out of range. */
  constructor(port: ModelPort, bounds: ModelBounds) {
    const { breakers, metrics, timeoutMs, clock } = bounds
    const { name } = port
    this.port = port
    this.#attempts = compose(
      bulkhead({
        name,
        metrics,
        clock,
        maxConcurrent: bounds.maxConcurrent,
        maxQueueLength: MAX_QUEUE_LENGTH,
        maxQueueWaitMs: MAX_QUEUE_WAIT_MS,
      }),
      retry({
        name,
        metrics,
        clock,
        classify: judge,
        isIdempotent: true,
        maxAttempts: MAX_ATTEMPTS,
        maxElapsedMs: MAX_PAUSES_MS + timeoutMs * MAX_ATTEMPTS,
        backoff: { initialDelayMs: bounds.retryDelayMs },
      }),
    )
    const breaker = breakers.define(name, {
      isFailure: (outcome) => isFault(outcome),
      outcomeOfError: (error) => (isGoldenError(error, 'TIMEOUT') ? 'failure' : 'ignored'),
      // A probe ends by the timeout below, which knows what becomes of its bill.
      probeTimeoutMs: Math.min(timeoutMs * 2, MAX_TIMER_MS),
    })
    this.#sending = compose(breaker, timeout({ name, timeoutMs, clock }))
    this.#open = metrics.gauge(METRICS.modelCallsOpen)
  }

  /**
   * Runs attempts until one brings an answer, with a place of the bulkhead held through all of them.
   * @throws the last attempt's error; ResilienceError `BULKHEAD_FULL`; TimeError `ABORTED`.
   */
  attempts<T>(attempt: () => Promise<T>, options: ExecuteOptions): Promise<T> {
    return this.#attempts.execute(() => attempt(), options)
  }

  /**
   * Sends one call through breaker and timeout.
   * @throws ResilienceError `CIRCUIT_OPEN`, `CIRCUIT_ISOLATED`, `TIMEOUT`; what `send` throws.
   */
  send(send: (signal: AbortSignal) => Promise<ModelOutcome>): Promise<ModelOutcome> {
    return this.#sending.execute((signal) => this.#counted(() => send(signal)))
  }

  async #counted(call: () => Promise<ModelOutcome>): Promise<ModelOutcome> {
    const labels = { model: this.port.name }
    try {
      this.#open.set(++this.#openCalls, labels)
      return await call()
    } finally {
      this.#open.set(--this.#openCalls, labels)
    }
  }
}

/** What tells against the service: a request that it rightly refuses does not. The breaker's rules are of any result. */
function isFault(outcome: unknown): boolean {
  if (typeof outcome !== 'object' || outcome === null || !('kind' in outcome)) return false
  return outcome.kind === 'unknown' || ('isTransient' in outcome && outcome.isTransient === true)
}

/** Only failed calls are made again: an open breaker is the next model's turn, and what the database says is the caller's. */
const judge: FailureClassifier = (error) => {
  if (!(error instanceof ModelCallError) || !error.retryable) return { kind: 'final' }
  return {
    kind: 'transient',
    wasDone: 'unknown',
    isTimeout: false,
    by: 'service',
    retryAfterMs: error.retryAfterMs,
  }
}
