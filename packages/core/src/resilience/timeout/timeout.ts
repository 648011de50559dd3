import { requireInteger, requireOneOf, requireText, withDefaults } from '../../errors/index.ts'
import type { Tracer } from '../../observability/index.ts'
import { type Clock, MAX_TIMER_MS, systemClock } from '../../time/index.ts'
import { begin, type Call, type Inner, type Layer } from '../composition/layer.ts'
import { LayeredPolicy } from '../composition/layered-policy.ts'
import { LinkedAbort } from '../composition/linked-abort.ts'
import { heardTracer, tracedLayer } from '../composition/traced-layer.ts'
import type { Policy } from '../policy.ts'
import { ResilienceError } from '../resilience-error.ts'
import { Deadline, DeadlineQueue } from './deadline-queue.ts'

/** How long a call may take. */
export interface TimeoutOptions {
  /** Milliseconds until the call is given up, 1 to 2147483647. */
  readonly timeoutMs: number
  /**
   * `hard` stops waiting at the deadline whatever the call does. `cooperative` only makes the call's signal fire and
   * waits for the call to end: a result that it still brings is taken, a failure becomes `TIMEOUT`. Default `hard`.
   */
  readonly mode?: 'hard' | 'cooperative' | undefined
  /** What errors and spans call the policy. Default `timeout`. */
  readonly name?: string | undefined
  /** Gets a span for each call. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({
  timeoutMs: undefined,
  mode: 'hard',
  name: 'timeout',
  tracer: undefined,
  clock: systemClock,
} as const)

/** A {@link TimeoutPolicy} with these options. */
export function timeout(options: TimeoutOptions): TimeoutPolicy {
  return new TimeoutPolicy(options)
}

/** Ends a call that takes too long: its signal fires with the error `TIMEOUT` as the reason, which the caller gets too. */
export class TimeoutPolicy extends LayeredPolicy implements Policy {
  readonly #queue: DeadlineQueue
  readonly #isHard: boolean
  readonly #timedOut: () => ResilienceError
  readonly #tracer: Tracer | undefined
  readonly #attributes: { readonly 'policy.name': string; readonly 'timeout.ms': number }

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: TimeoutOptions) {
    super()
    const { name, mode, tracer, clock, ...given } = withDefaults(options, DEFAULTS)
    const timeoutMs = requireInteger('timeoutMs', given.timeoutMs, { min: 1, max: MAX_TIMER_MS })
    const policy = requireText('name', name)
    this.#isHard = requireOneOf('mode', mode, ['hard', 'cooperative']) === 'hard'
    this.#queue = new DeadlineQueue(clock, timeoutMs)
    this.#tracer = heardTracer(tracer)
    this.#attributes = { 'policy.name': policy, 'timeout.ms': timeoutMs }
    this.#timedOut = () =>
      new ResilienceError({
        code: 'TIMEOUT',
        message: `no result within ${timeoutMs} ms`,
        policy,
        // Made in a timer, a stack would show nothing of the call.
        hasStack: false,
      })
  }

  over(inner: Inner): Layer {
    const queue = this.#queue
    const isHard = this.#isHard
    const timedOut = this.#timedOut
    const layer: Layer = {
      heedsSignal: inner.heedsSignal,
      run: <T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined) =>
        new Promise<T>((resolve, reject) => {
          // A signal that nobody would heed is not made.
          const link = inner.heedsSignal || call.length > 0 ? new LinkedAbort(signal) : undefined
          const timed = new TimedCall(link, timedOut, isHard ? reject : undefined)
          queue.add(timed)
          begin(inner, call, link?.signal, key).then(
            (result) => {
              queue.remove(timed)
              link?.release(result)
              resolve(result)
            },
            (error: unknown) => {
              queue.remove(timed)
              link?.release()
              reject(timed.error ?? error)
            },
          )
        }),
    }
    return tracedLayer(layer, this.#tracer, 'timeout', this.#attributes)
  }
}

class TimedCall extends Deadline {
  error: ResilienceError | undefined
  readonly #link: LinkedAbort | undefined
  readonly #timedOut: () => ResilienceError
  readonly #giveUp: ((error: ResilienceError) => void) | undefined

  constructor(
    link: LinkedAbort | undefined,
    timedOut: () => ResilienceError,
    giveUp: ((error: ResilienceError) => void) | undefined,
  ) {
    super()
    this.#link = link
    this.#timedOut = timedOut
    this.#giveUp = giveUp
  }

  override expire(): void {
    this.error = this.#timedOut()
    this.#giveUp?.(this.error)
    this.#link?.abort(this.error)
  }
}
