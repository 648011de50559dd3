import { requireInteger, requireOneOf, withDefaults } from '../../../../errors/index.ts'
import { type Clock, systemClock } from '../../../../time/index.ts'
import { decideGcra } from '../../decide-gcra.ts'
import { decideSlidingLog, type LimitVerdict } from '../../decide-sliding-log.ts'
import { type RateLimit, requireLimitKey, requireRateLimit } from '../../rate-limit.ts'
import type { RateLimitAlgorithm, RateLimitDecision, RateLimiter } from '../../rate-limiter.ts'
import { RecentMap } from '../../recent-map.ts'

/** What a {@link MemoryRateLimiter} is made of. */
export interface MemoryRateLimiterOptions {
  /** How calls are counted. Default `sliding-log`: never more than the limit in any window. */
  readonly algorithm?: RateLimitAlgorithm | undefined
  /** Keys remembered, 1 to 1000000. Beyond it the one asked for longest ago is forgotten with its calls. Default 10000. */
  readonly maxKeys?: number | undefined
  /** Where time comes from; only its monotonic side is used. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({ algorithm: 'sliding-log', maxKeys: 10_000, clock: systemClock } as const)

/** Limits calls in this process alone: for one process without Redis. It keeps up to `limit` numbers for each key. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #algorithm: RateLimitAlgorithm
  readonly #logs: RecentMap<number[]>
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: MemoryRateLimiterOptions = {}) {
    const { algorithm, maxKeys, clock } = withDefaults(options, DEFAULTS)
    this.#algorithm = requireOneOf('algorithm', algorithm, ['sliding-log', 'gcra'])
    this.#logs = new RecentMap(requireInteger('maxKeys', maxKeys, { min: 1, max: 1_000_000 }))
    this.#clock = clock
  }

  /**
   * Asks for one call of `key`.
   * @throws InvalidOptionError `INVALID_OPTION` on a key or limit out of range.
   */
  async consume(key: string, limit: RateLimit): Promise<RateLimitDecision> {
    requireLimitKey(key)
    requireRateLimit(limit)
    const log = this.#logs.get(key) ?? []
    const verdict = this.#algorithm === 'gcra' ? this.#paced(log, limit) : this.#logged(log, limit)
    this.#logs.set(key, log)
    const { allowed, remaining, resetMs, retryAfterMs } = verdict
    return { allowed, limit: limit.limit, remaining, resetMs, retryAfterMs, source: 'memory' }
  }

  #logged(log: number[], { limit, windowMs }: RateLimit): LimitVerdict {
    const nowMs = this.#clock.monotonicMs()
    const verdict = decideSlidingLog(log, limit, windowMs, nowMs)
    if (verdict.expiredCount > 0) log.splice(0, verdict.expiredCount)
    if (verdict.allowed) log.push(nowMs)
    return verdict
  }

  #paced(log: number[], { limit, windowMs }: RateLimit): LimitVerdict {
    const verdict = decideGcra(log[0], limit, windowMs, this.#clock.monotonicMs())
    log[0] = verdict.arrivalMs
    return verdict
  }
}
