import { type ScheduledTimer, TimeError } from '../../time/index.ts'
import { LinkedAbort } from '../composition/linked-abort.ts'
import { tellListener } from '../composition/tell-listener.ts'
import type { ResolvedHedgeOptions } from './hedge-options.ts'

/** The attempts of one call, until one of them has decided it. */
export class HedgedCall<T> {
  readonly answer: Promise<T>
  readonly #options: ResolvedHedgeOptions
  readonly #signal: AbortSignal | undefined
  readonly #attempt: (signal: AbortSignal, attempt: number) => T | PromiseLike<T>
  readonly #running = new Set<LinkedAbort>()
  readonly #onAbort = (): void => this.#decide(() => this.#reject(TimeError.aborted(this.#signal?.reason)))
  readonly #resolve: (value: T) => void
  readonly #reject: (error: unknown) => void
  #attempts = 0
  #timer: ScheduledTimer | undefined
  #isDecided = false

  constructor(
    options: ResolvedHedgeOptions,
    signal: AbortSignal | undefined,
    attempt: (signal: AbortSignal, attempt: number) => T | PromiseLike<T>,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#options = options
    this.#signal = signal
    this.#attempt = attempt
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    this.#start()
  }

  #join(reason: 'slow' | 'failed'): void {
    tellListener(this.#options.onHedge, { attempts: this.#attempts + 1, reason })
    // The listener may have ended the call.
    if (!this.#isDecided) this.#start()
  }

  #start(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#attempts++
    const link = new LinkedAbort(this.#signal)
    this.#running.add(link)
    // Before the attempt, which may decide the call at once.
    this.#scheduleNext()
    this.#begin(link.signal).then(
      (value) => {
        this.#running.delete(link)
        link.release(this.#isDecided ? undefined : value)
        this.#decide(() => {
          this.#options.budget?.deposit()
          this.#resolve(value)
        })
      },
      (error: unknown) => {
        this.#running.delete(link)
        link.release()
        this.#failed(error)
      },
    )
  }

  #begin(signal: AbortSignal): Promise<T> {
    try {
      return Promise.resolve(this.#attempt(signal, this.#attempts))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #scheduleNext(): void {
    const { clock, delayMs, maxAttempts, budget } = this.#options
    if (this.#attempts >= maxAttempts) return
    this.#timer = clock.schedule(delayMs, () => {
      this.#timer = undefined
      if (budget?.tryWithdraw(false) !== false) this.#join('slow')
    })
  }

  #failed(error: unknown): void {
    if (this.#isDecided) return
    const { maxAttempts, budget } = this.#options
    const isFinal = this.#isFinal(error)
    const mayStart = !isFinal && this.#attempts < maxAttempts
    if (mayStart && budget?.tryWithdraw(false) !== false) this.#join('failed')
    else if (isFinal || this.#running.size === 0) this.#decide(() => this.#reject(error))
  }

  #isFinal(error: unknown): boolean {
    try {
      const { classify, clock } = this.#options
      return classify(error, clock.now()).kind === 'final'
    } catch {
      // The caller is owed the error of the call, not that of the classifier.
      return true
    }
  }

  #decide(settle: () => void): void {
    if (this.#isDecided) return
    this.#isDecided = true
    this.#timer?.cancel()
    this.#signal?.removeEventListener('abort', this.#onAbort)
    settle()
    if (this.#running.size === 0) return
    const isGone = this.#signal?.aborted === true
    const reason = isGone ? this.#signal.reason : TimeError.aborted('another attempt has decided the call')
    for (const link of this.#running) link.abort(reason)
    this.#running.clear()
  }
}
