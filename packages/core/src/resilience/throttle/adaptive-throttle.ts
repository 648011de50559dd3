import {
  requireFunction,
  requireInteger,
  requireNumber,
  requireText,
  withDefaults,
} from '../../errors/index.ts'
import { type Counter, METRICS, type Metrics, silentMetrics, type Tracer } from '../../observability/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import { begin, type Call, type Inner, type Layer } from '../composition/layer.ts'
import { LayeredPolicy } from '../composition/layered-policy.ts'
import { heardTracer, tracedLayer } from '../composition/traced-layer.ts'
import { classifyFailure } from '../failure/classify-failure.ts'
import type { FailureClassifier } from '../failure/failure-verdict.ts'
import type { Policy } from '../policy.ts'
import { ResilienceError } from '../resilience-error.ts'
import { TimeWindow } from '../trip-rules/time-window.ts'
import { rejectionProbability } from './rejection-probability.ts'

/** When calls to a service that refuses are no longer made. */
export interface AdaptiveThrottleOptions {
  /** How many calls are made for each one that the service takes, before some are refused here, 1.1 to 100. Default 2. */
  readonly multiplier?: number | undefined
  /** The recent past that counts, 1000 to 3600000 milliseconds. Default 120000 (2 minutes). */
  readonly windowMs?: number | undefined
  /** Calls in the window below which none is refused, 1 to 1000000. Default 10. */
  readonly minRequests?: number | undefined
  /** Judges a failure: a transient one was not taken. Default {@link classifyFailure}. */
  readonly classify?: FailureClassifier | undefined
  /** What errors, metrics and spans call the policy. Default `throttle`. */
  readonly name?: string | undefined
  /** Where `policy_rejections_total` is counted. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Gets a span for each call. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** A number from 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

const DEFAULTS = Object.freeze({
  multiplier: 2,
  windowMs: 120_000,
  minRequests: 10,
  classify: classifyFailure,
  name: 'throttle',
  metrics: silentMetrics,
  tracer: undefined,
  clock: systemClock,
  random: Math.random,
})

/** An {@link AdaptiveThrottlePolicy} with these options. */
export function adaptiveThrottle(options: AdaptiveThrottleOptions = {}): AdaptiveThrottlePolicy {
  return new AdaptiveThrottlePolicy(options)
}

/**
 * Refuses a share of the calls to an overloaded service before they are made (`THROTTLED`), so that it can recover: the
 * more of the recent calls it refused, the larger the share. A call counts when it has ended, so that slow ones do not
 * look refused; one that its caller aborted does not count.
 */
export class AdaptiveThrottlePolicy extends LayeredPolicy implements Policy {
  readonly #multiplier: number
  readonly #minRequests: number
  readonly #window: TimeWindow
  readonly #classify: FailureClassifier
  readonly #name: string
  readonly #rejections: Counter
  readonly #tracer: Tracer | undefined
  readonly #clock: Clock
  readonly #random: () => number

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: AdaptiveThrottleOptions = {}) {
    super()
    const given = withDefaults(options, DEFAULTS)
    const { windowMs, minRequests } = given
    this.#multiplier = requireNumber('multiplier', given.multiplier, { min: 1.1, max: 100 })
    this.#window = new TimeWindow(requireInteger('windowMs', windowMs, { min: 1000, max: 3_600_000 }))
    this.#minRequests = requireInteger('minRequests', minRequests, { min: 1, max: 1_000_000 })
    this.#classify = requireFunction('classify', given.classify)
    this.#name = requireText('name', given.name)
    this.#rejections = given.metrics.counter(METRICS.policyRejections)
    this.#tracer = heardTracer(given.tracer)
    this.#clock = given.clock
    this.#random = requireFunction('random', given.random)
  }

  /** The share of calls that are refused now, from 0 to below 1. */
  get rejectionProbability(): number {
    const window = this.#window
    window.advance(this.#clock.monotonicMs())
    if (window.calls < this.#minRequests) return 0
    return rejectionProbability(
      { requests: window.calls, accepts: window.calls - window.bad },
      this.#multiplier,
    )
  }

  over(inner: Inner): Layer {
    const layer: Layer = {
      heedsSignal: true,
      run: <T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined) => {
        if (this.#random() < this.rejectionProbability) return Promise.reject(this.#refusal())
        return begin(inner, call, signal, key).then(
          (result) => {
            this.#count(true)
            return result
          },
          (error: unknown) => {
            if (signal?.aborted !== true) this.#count(this.#isAccepted(error))
            throw error
          },
        )
      },
    }
    return tracedLayer(layer, this.#tracer, 'throttle', { 'policy.name': this.#name })
  }

  #count(isAccepted: boolean): void {
    this.#window.add(!isAccepted, this.#clock.monotonicMs())
  }

  #isAccepted(error: unknown): boolean {
    try {
      return this.#classify(error, this.#clock.now()).kind === 'final'
    } catch {
      // A failure that cannot be judged is no sign of overload.
      return true
    }
  }

  #refusal(): ResilienceError {
    this.#count(false)
    this.#rejections.increment({ policy: this.#name, code: 'THROTTLED' })
    return new ResilienceError({
      code: 'THROTTLED',
      message: 'the service refuses too many calls',
      policy: this.#name,
      hasStack: false,
    })
  }
}
