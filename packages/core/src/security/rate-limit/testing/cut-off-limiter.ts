import { StorageError } from '../../../storage/index.ts'
import type { Clock } from '../../../time/index.ts'
import type { RateLimit } from '../rate-limit.ts'
import type { RateLimitDecision, RateLimiter } from '../rate-limiter.ts'

/** A way to a shared limiter that can be cut: a call then fails after its time limit, or at once. */
export class CutOffLimiter implements RateLimiter {
  /** Keys of the calls that came, in order. */
  readonly asked: string[] = []
  isCut = false
  /** Milliseconds until a call that is not answered ends; 0 for at once. */
  timeoutMs = 0
  readonly #limiter: RateLimiter
  readonly #clock: Clock

  constructor(limiter: RateLimiter, clock: Clock) {
    this.#limiter = limiter
    this.#clock = clock
  }

  async consume(key: string, limit: RateLimit): Promise<RateLimitDecision> {
    this.asked.push(key)
    if (!this.isCut) return await this.#limiter.consume(key, limit)
    const { timeoutMs } = this
    if (timeoutMs > 0) await new Promise<void>((resolve) => this.#clock.schedule(timeoutMs, resolve))
    throw StorageError.of('KEY_VALUE_UNAVAILABLE', 'cut off')
  }
}
