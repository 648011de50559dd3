import {
  InvalidOptionError,
  requireInteger,
  requireMethods,
  requireOneOf,
  withDefaults,
} from '../../../../errors/index.ts'
import { untilReady } from '../../../../storage/adapters/redis/until-ready.ts'
import { type RedisClient, StorageError } from '../../../../storage/index.ts'
import { type Clock, systemClock, withDeadline } from '../../../../time/index.ts'
import { type RateLimit, requireLimitKey, requireRateLimit } from '../../rate-limit.ts'
import type { RateLimitAlgorithm, RateLimitDecision, RateLimiter } from '../../rate-limiter.ts'
import { answerWithin } from './answer-within.ts'
import { GCRA, type RateLimitScript, SLIDING_LOG } from './rate-limit-scripts.ts'

/** What a {@link RedisRateLimiter} is made of. */
export interface RedisRateLimiterOptions {
  /** An ioredis client (5 or 6), or a cluster. It stays yours: we never close it. */
  readonly redis: RedisClient
  /**
   * How calls are counted: `sliding-log` never admits more than the limit in any window and keeps a number for each call;
   * `gcra` keeps one number for a key and admits up to twice the limit less one in a window. Default `sliding-log`.
   */
  readonly algorithm?: RateLimitAlgorithm | undefined
  /** Put before every key, at most 256 characters. Default `rl:`. */
  readonly keyPrefix?: string | undefined
  /** Milliseconds within which every call ends, 1 to 60000. Default 100. */
  readonly commandTimeoutMs?: number | undefined
  /** Where deadlines come from; calls are counted by Redis's clock. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The defaults of {@link RedisRateLimiterOptions}. */
const DEFAULT_REDIS_RATE_LIMITER_OPTIONS = Object.freeze({
  redis: undefined,
  algorithm: 'sliding-log',
  keyPrefix: 'rl:',
  commandTimeoutMs: 100,
  clock: systemClock,
} as const)

/** Keeps the two kinds of values apart where the algorithm of one prefix is changed. */
const GCRA_SUFFIX = ':gcra'

/**
 * Limits calls over all processes that share one Redis, 6.2 or later: each call is one script on one key, by Redis's
 * clock. What Redis forgets (flushed, restarted without its data, keys evicted, a replica that lagged) is admitted anew,
 * and a clock set forward lets calls leave early; a clock set back never admits more. A command is only sent on a
 * connection that stands, and one that was sent to a Redis that then fell silent may still be counted when it wakes.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly #redis: RedisClient
  readonly #script: RateLimitScript
  readonly #keyPrefix: string
  readonly #keySuffix: string
  readonly #commandTimeoutMs: number
  readonly #clock: Clock
  #connecting: Promise<void> | undefined

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: RedisRateLimiterOptions) {
    const { redis, algorithm, keyPrefix, commandTimeoutMs, clock } = withDefaults(
      options,
      DEFAULT_REDIS_RATE_LIMITER_OPTIONS,
    )
    requireMethods('redis', redis, ['call'])
    if (typeof keyPrefix !== 'string' || keyPrefix.length > 256) {
      throw new InvalidOptionError('keyPrefix', 'a string of at most 256 characters', keyPrefix)
    }
    const isGcra = requireOneOf('algorithm', algorithm, ['sliding-log', 'gcra']) === 'gcra'
    this.#redis = redis
    this.#script = isGcra ? GCRA : SLIDING_LOG
    this.#keyPrefix = keyPrefix
    this.#keySuffix = isGcra ? GCRA_SUFFIX : ''
    this.#commandTimeoutMs = requireInteger('commandTimeoutMs', commandTimeoutMs, { min: 1, max: 60_000 })
    this.#clock = clock
  }

  /**
   * Asks for one call of `key`.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit; InvalidOptionError `INVALID_OPTION` on
   * a key or limit out of range.
   */
  async consume(key: string, limit: RateLimit): Promise<RateLimitDecision> {
    requireLimitKey(key)
    requireRateLimit(limit)
    const name = `${this.#keyPrefix}${key}${this.#keySuffix}`
    const reply = await this.#run([name, String(limit.limit), String(limit.windowMs * 1000)])
    const [isAllowed, remaining, waitMs] = Array.isArray(reply) ? reply.map(Number) : []
    if (isAllowed === undefined || remaining === undefined || !(waitMs !== undefined && waitMs >= 0)) {
      throw this.#unavailable('Redis gave an unknown answer', undefined)
    }
    const allowed = isAllowed === 1
    const retryAfterMs = allowed ? 0 : waitMs
    return { allowed, limit: limit.limit, remaining, resetMs: waitMs, retryAfterMs, source: 'redis' }
  }

  async #run(args: readonly string[]): Promise<unknown> {
    const clock = this.#clock
    let timeoutMs = this.#commandTimeoutMs
    try {
      if (this.#redis.status !== 'ready') {
        const startedAtMs = clock.monotonicMs()
        await this.#untilReady()
        timeoutMs = Math.max(1, timeoutMs - (clock.monotonicMs() - startedAtMs))
      }
      return await answerWithin(clock, timeoutMs, this.#evaluate(args))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw this.#unavailable(`Redis gave no answer: ${reason}`, error)
    }
  }

  /** All calls wait together, lest each put listeners on the client: until the first of them gives up. */
  #untilReady(): Promise<void> {
    const limits = { timeoutMs: this.#commandTimeoutMs, clock: this.#clock }
    this.#connecting ??= withDeadline(limits, (signal) => untilReady(this.#redis, signal)).finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #evaluate(args: readonly string[]): Promise<unknown> {
    const { sha1, text } = this.#script
    try {
      return await this.#redis.call('EVALSHA', sha1, '1', ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await this.#redis.call('EVAL', text, '1', ...args)
    }
  }

  #unavailable(message: string, cause: unknown): StorageError {
    const details = { timeoutMs: this.#commandTimeoutMs }
    return StorageError.of('KEY_VALUE_UNAVAILABLE', message, { details, cause })
  }
}
