import type { Counter, Labels } from '../../observability/index.ts'
import { METRICS } from '../../observability/index.ts'
import { sleep, TimeError } from '../../time/index.ts'
import { begin, type Call, type Inner, type Layer } from '../composition/layer.ts'
import { LayeredPolicy } from '../composition/layered-policy.ts'
import { tellListener } from '../composition/tell-listener.ts'
import { inSpan, tracedLayer } from '../composition/traced-layer.ts'
import { type FailureVerdict, FINAL } from '../failure/failure-verdict.ts'
import type { Policy } from '../policy.ts'
import { decideRetry, type GiveUpReason, type RetryDecision } from './retry-decision.ts'
import { type ResolvedRetryOptions, type RetryOptions, resolveRetryOptions } from './retry-options.ts'
import { noteRetryReport } from './retry-report.ts'

/**
 * A {@link RetryPolicy} with these options. Unless told `isIdempotent: true`, it tries again only what certainly did
 * nothing: a 500 or a lost connection is thrown at once. Say `retry({ isIdempotent: true })` where doing the work twice
 * is harmless, or `llmRetry()` for model calls.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function retry(options: RetryOptions = {}): RetryPolicy {
  return new RetryPolicy(options)
}

/** What a call through the layer is made of. */
interface Attempted<T> {
  readonly inner: Inner
  readonly call: Call<T>
  readonly signal: AbortSignal | undefined
  readonly key: string | undefined
  readonly startedMs: number
}

/**
 * Makes a failed call again, after pauses that grow and are random: by default only one that certainly did nothing, see
 * `isIdempotent`. When it gives up, the call's last error itself is
 * thrown; `retryReportOf` tells how often it was tried and why not again.
 */
export class RetryPolicy extends LayeredPolicy implements Policy {
  readonly #options: ResolvedRetryOptions
  readonly #retries: Counter
  readonly #labels = new Map<string, Labels>()

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: RetryOptions = {}) {
    super()
    this.#options = resolveRetryOptions(options)
    this.#retries = this.#options.metrics.counter(METRICS.retries)
  }

  over(inner: Inner): Layer {
    const { clock, budget, tracer, name } = this.#options
    const deposit = budget === undefined ? undefined : succeeded(() => budget.deposit())
    const layer: Layer = {
      heedsSignal: true,
      run: <T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined) => {
        const startedMs = clock.monotonicMs()
        const failed = (error: unknown): Promise<T> =>
          this.#tryAgain({ inner, call, signal, key, startedMs }, error)
        const first = begin(inner, call, signal, key)
        return deposit === undefined ? first.then(undefined, failed) : first.then(deposit, failed)
      },
    }
    return tracedLayer(layer, tracer, 'retry', { 'policy.name': name })
  }

  async #tryAgain<T>(attempted: Attempted<T>, firstError: unknown): Promise<T> {
    const { inner, call, signal, key, startedMs } = attempted
    const { clock, budget, tracer, name } = this.#options
    let error = firstError
    for (let attempts = 1; ; attempts++) {
      if (signal?.aborted) throw TimeError.aborted(signal.reason)
      const decision = this.#decide(error, attempts, clock.monotonicMs() - startedMs)
      if (decision.kind === 'give-up') {
        this.#count(decision.reason)
        noteRetryReport(error, { attempts, reason: decision.reason })
        throw error
      }
      this.#tell(attempts, decision.delayMs, error)
      await sleep(decision.delayMs, { clock, signal })
      discard(error)
      try {
        const attributes = { 'policy.name': name, 'retry.attempt': attempts + 1 }
        const result = await inSpan(tracer, 'retry attempt', attributes, () => inner.run(call, signal, key))
        budget?.deposit()
        return result
      } catch (thrown) {
        error = thrown
      }
    }
  }

  #decide(error: unknown, attempts: number, elapsedMs: number): RetryDecision {
    const { random, budget } = this.#options
    const decision = decideRetry(
      { attempts, elapsedMs, verdict: this.#judge(error) },
      this.#options,
      random(),
    )
    if (decision.kind === 'give-up' || budget === undefined) return decision
    return budget.tryWithdraw(decision.isTimeout) ? decision : { kind: 'give-up', reason: 'budget' }
  }

  #judge(error: unknown): FailureVerdict {
    try {
      return this.#options.classify(error, this.#options.clock.now())
    } catch {
      // The caller is owed the error of the call, not that of the classifier.
      return FINAL
    }
  }

  #tell(attempts: number, delayMs: number, error: unknown): void {
    this.#count('retried')
    tellListener(this.#options.onRetry, { attempts, delayMs, error })
  }

  #count(outcome: 'retried' | GiveUpReason): void {
    let labels = this.#labels.get(outcome)
    if (labels === undefined) {
      labels = { policy: this.#options.name, outcome }
      this.#labels.set(outcome, labels)
    }
    this.#retries.increment(labels)
  }
}

/** An answer that was thrown and that nobody reads would hold its connection until it is collected. */
function discard(error: unknown): void {
  if (error instanceof Response && error.body?.locked === false) error.body.cancel().catch(() => {})
}

function succeeded(note: () => void): <T>(result: T) => T {
  return (result) => {
    note()
    return result
  }
}
