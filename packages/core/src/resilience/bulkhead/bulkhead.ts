import { requireInteger, requireText, withDefaults } from '../../errors/index.ts'
import {
  type Counter,
  type Gauge,
  METRICS,
  type Metrics,
  silentMetrics,
  type Tracer,
} from '../../observability/index.ts'
import { type Clock, MAX_TIMER_MS, type ScheduledTimer, systemClock, TimeError } from '../../time/index.ts'
import { begin, type Call, type Inner, type Layer } from '../composition/layer.ts'
import { LayeredPolicy } from '../composition/layered-policy.ts'
import { heardTracer, inSpan, tracedLayer } from '../composition/traced-layer.ts'
import type { Policy } from '../policy.ts'
import { ResilienceError } from '../resilience-error.ts'
import { FairQueue } from './fair-queue.ts'

/** How many calls may run and wait at once. */
export interface BulkheadOptions {
  /** Calls that run at once, 1 to 1000000. */
  readonly maxConcurrent: number
  /** Calls that wait for a place, 0 to 1000000. Default 100. */
  readonly maxQueueLength?: number | undefined
  /** Milliseconds that a call waits for a place at most, 1 to 2147483647. Default 30000 (30 seconds). */
  readonly maxQueueWaitMs?: number | undefined
  /** What errors, metrics and spans call the policy. Default `bulkhead`. */
  readonly name?: string | undefined
  /** Where `bulkhead_queue_length` and `policy_rejections_total` go. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Gets a span for each call, and one below it for its wait for a place. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({
  maxConcurrent: undefined,
  maxQueueLength: 100,
  maxQueueWaitMs: 30_000,
  name: 'bulkhead',
  metrics: silentMetrics,
  tracer: undefined,
  clock: systemClock,
})

/** A {@link BulkheadPolicy} with these options. */
export function bulkhead(options: BulkheadOptions): BulkheadPolicy {
  return new BulkheadPolicy(options)
}

/**
 * Lets a bounded number of calls run at once and a bounded number wait. Those that wait are served fairly by the `key`
 * of their `execute`: keys take turns, so that no tenant starves another. A place is free again when its call has
 * settled, once; a hard timeout inside the bulkhead settles it at the deadline.
 */
export class BulkheadPolicy extends LayeredPolicy implements Policy {
  readonly #maxConcurrent: number
  readonly #maxQueueLength: number
  readonly #maxQueueWaitMs: number
  readonly #name: string
  readonly #tracer: Tracer | undefined
  readonly #clock: Clock
  readonly #queueLength: Gauge
  readonly #rejections: Counter
  readonly #labels: { readonly policy: string }
  readonly #queue = new FairQueue<Waiting>()
  #running = 0

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: BulkheadOptions) {
    super()
    const given = withDefaults(options, DEFAULTS)
    const { maxConcurrent, maxQueueLength, maxQueueWaitMs, metrics } = given
    this.#maxConcurrent = requireInteger('maxConcurrent', maxConcurrent, { min: 1, max: 1_000_000 })
    this.#maxQueueLength = requireInteger('maxQueueLength', maxQueueLength, { max: 1_000_000 })
    this.#maxQueueWaitMs = requireInteger('maxQueueWaitMs', maxQueueWaitMs, { min: 1, max: MAX_TIMER_MS })
    this.#name = requireText('name', given.name)
    this.#tracer = heardTracer(given.tracer)
    this.#clock = given.clock
    this.#queueLength = metrics.gauge(METRICS.bulkheadQueueLength)
    this.#rejections = metrics.counter(METRICS.policyRejections)
    this.#labels = { policy: this.#name }
  }

  /** Calls that run now. */
  get runningCount(): number {
    return this.#running
  }

  /** Calls that wait now. */
  get queueLength(): number {
    return this.#queue.length
  }

  over(inner: Inner): Layer {
    const layer: Layer = {
      heedsSignal: true,
      run: <T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined) => {
        if (this.#running < this.#maxConcurrent) {
          this.#running++
          return this.#occupy(inner, call, signal, key)
        }
        return this.#tracedWait(signal, key ?? '').then(() => {
          // The signal may have fired between the handing over of the place and this turn.
          if (signal?.aborted) {
            this.#release()
            throw TimeError.aborted(signal.reason)
          }
          return this.#occupy(inner, call, signal, key)
        })
      },
    }
    return tracedLayer(layer, this.#tracer, 'bulkhead', { 'policy.name': this.#name })
  }

  #occupy<T>(
    inner: Inner,
    call: Call<T>,
    signal: AbortSignal | undefined,
    key: string | undefined,
  ): Promise<T> {
    return begin(inner, call, signal, key).then(
      (result) => {
        this.#release()
        return result
      },
      (error: unknown) => {
        this.#release()
        throw error
      },
    )
  }

  /** Hands the place on to whoever is next, without freeing it in between: nobody can slip in. */
  #release(): void {
    const next = this.#queue.take()
    if (next === undefined) {
      this.#running--
      return
    }
    this.#queueLength.set(this.#queue.length, this.#labels)
    next.enter()
  }

  #tracedWait(signal: AbortSignal | undefined, key: string): Promise<void> {
    const attributes = { 'policy.name': this.#name }
    return Promise.resolve(inSpan(this.#tracer, 'bulkhead wait', attributes, () => this.#wait(signal, key)))
  }

  #wait(signal: AbortSignal | undefined, key: string): Promise<void> {
    if (this.#queue.length >= this.#maxQueueLength) return Promise.reject(this.#full('the queue is full'))
    return new Promise((resolve, reject) => {
      const waiting = new Waiting(signal, resolve)
      const leave = (error: () => Error): void => {
        if (!this.#queue.remove(key, waiting)) return
        this.#queueLength.set(this.#queue.length, this.#labels)
        waiting.end()
        reject(error())
      }
      waiting.watch(
        this.#clock.schedule(this.#maxQueueWaitMs, () => leave(() => this.#full('no place in time'))),
        () => leave(() => TimeError.aborted(signal?.reason)),
      )
      this.#queue.add(key, waiting)
      this.#queueLength.set(this.#queue.length, this.#labels)
    })
  }

  #full(what: string): ResilienceError {
    this.#rejections.increment({ policy: this.#name, code: 'BULKHEAD_FULL' })
    const message = `${what}: ${this.#running} calls run, ${this.#queue.length} wait`
    return new ResilienceError({ code: 'BULKHEAD_FULL', message, policy: this.#name, hasStack: false })
  }
}

/** A call that waits for its place. */
class Waiting {
  readonly #signal: AbortSignal | undefined
  readonly #resolve: () => void
  #timer: ScheduledTimer | undefined
  #onAbort: (() => void) | undefined

  constructor(signal: AbortSignal | undefined, resolve: () => void) {
    this.#signal = signal
    this.#resolve = resolve
  }

  watch(timer: ScheduledTimer, onAbort: () => void): void {
    this.#timer = timer
    this.#onAbort = onAbort
    this.#signal?.addEventListener('abort', onAbort, { once: true })
  }

  enter(): void {
    this.end()
    this.#resolve()
  }

  end(): void {
    this.#timer?.cancel()
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort)
  }
}
