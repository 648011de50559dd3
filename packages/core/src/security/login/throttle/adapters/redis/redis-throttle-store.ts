import { randomUUID } from 'node:crypto'
import {
  InvalidOptionError,
  requireFunction,
  requireInteger,
  requireMethods,
  withDefaults,
} from '../../../../../errors/index.ts'
import { untilReady } from '../../../../../storage/adapters/redis/until-ready.ts'
import { type RedisClient, StorageError } from '../../../../../storage/index.ts'
import { type Clock, systemClock, withDeadline } from '../../../../../time/index.ts'
import type { KnownBy, ThrottleCause } from '../../decide-try.ts'
import type { ReserveAnswer, ThrottleStore, TryKeys, TryReservation } from '../../ports/throttle-store.ts'
import type { ResolvedSignInLimits } from '../../sign-in-limits.ts'
import { RELEASE, RESERVE, SUCCEED, type ThrottleScript } from './throttle-scripts.ts'

/** What a {@link RedisThrottleStore} is made of. */
export interface RedisThrottleStoreOptions {
  /** An ioredis client (5 or 6), or a cluster. It stays yours: we never close it. */
  readonly redis: RedisClient
  /** Put before every key in braces, so that all lie on one node; 1 to 200 characters without braces. Default `sign-in`. */
  readonly keyPrefix?: string | undefined
  /** Milliseconds within which every command ends, 1 to 60000. Default 500. */
  readonly commandTimeoutMs?: number | undefined
  /** Addresses and devices that are known of one account at most, 2 to 1000; the oldest go first. Default 40. */
  readonly maxKnownOrigins?: number | undefined
  /** Gives the time in milliseconds by which tries are counted. Default Redis's own, the same for all processes. */
  readonly nowMs?: (() => number) | undefined
  /** Where the time limit takes time from. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({
  redis: undefined,
  keyPrefix: 'sign-in',
  commandTimeoutMs: 500,
  maxKnownOrigins: 40,
  nowMs: undefined,
  clock: systemClock,
})

/**
 * Counts failed tries in Redis, for all processes that share it. Each call is one script, by Redis's own time. A command
 * is only sent on a connection that stands, never queued for a later one.
 */
export class RedisThrottleStore implements ThrottleStore {
  readonly #redis: RedisClient
  readonly #keyPrefix: string
  readonly #commandTimeoutMs: number
  readonly #maxKnownOrigins: number
  readonly #nowMs: (() => number) | undefined
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: RedisThrottleStoreOptions) {
    const given = withDefaults(options, DEFAULTS)
    const { redis, keyPrefix, commandTimeoutMs, maxKnownOrigins, nowMs } = given
    requireMethods('redis', redis, ['call'])
    if (typeof keyPrefix !== 'string' || !/^[^{}]{1,200}$/.test(keyPrefix))
      throw new InvalidOptionError('keyPrefix', 'a string of 1 to 200 characters without braces', keyPrefix)
    this.#redis = redis
    this.#keyPrefix = `{${keyPrefix}}`
    this.#commandTimeoutMs = requireInteger('commandTimeoutMs', commandTimeoutMs, { min: 1, max: 60_000 })
    this.#maxKnownOrigins = requireInteger('maxKnownOrigins', maxKnownOrigins, { min: 2, max: 1000 })
    this.#nowMs = nowMs && requireFunction('nowMs', nowMs)
    this.#clock = given.clock
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  async reserve(keys: TryKeys, limits: ResolvedSignInLimits): Promise<ReserveAnswer> {
    const reservationId = randomUUID()
    const { windowMs, freeFailures, firstDelayMs, maxDelayMs, accountFailures, addressFailures } = limits
    const numbers = [windowMs, freeFailures, firstDelayMs, maxDelayMs, accountFailures, addressFailures]
    const reply = await this.#run(RESERVE, keys, keys.addressKey, [
      ...[this.#now(), reservationId, keys.addressKey, keys.deviceKey ?? ''],
      ...numbers.map(String),
    ])
    const [outcome, fact, restMs] = Array.isArray(reply) ? reply : []
    if (outcome === 'refused' && isCause(fact)) return { outcome, cause: fact, retryAfterMs: Number(restMs) }
    if (outcome === 'reserved' && isKnownBy(fact))
      return { outcome, reservation: { reservationId, keys, knownBy: fact } }
    throw this.#unavailable('Redis gave an unknown answer', undefined)
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  async succeed(
    { reservationId, keys, knownBy }: TryReservation,
    deviceKey: string,
    { knownOriginMs }: ResolvedSignInLimits,
  ): Promise<void> {
    await this.#run(SUCCEED, keys, originOf(keys, knownBy), [
      ...[this.#now(), reservationId, keys.addressKey, deviceKey],
      ...[String(this.#maxKnownOrigins), String(knownOriginMs)],
    ])
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  async release({ reservationId, keys, knownBy }: TryReservation): Promise<void> {
    await this.#run(RELEASE, keys, originOf(keys, knownBy), [reservationId])
  }

  #now(): string {
    return this.#nowMs === undefined ? '' : String(this.#nowMs())
  }

  async #run(
    { sha1, text }: ThrottleScript,
    { accountKey, addressKey, deviceKey }: TryKeys,
    origin: string,
    values: readonly string[],
  ): Promise<unknown> {
    const names = [
      ...[`origin:${accountKey}:${origin}`, `origin:${accountKey}:${deviceKey ?? ''}`],
      ...[`account:${accountKey}`, `address:${addressKey}`, `known:${accountKey}`],
    ]
    const rest = [String(names.length), ...names.map((name) => `${this.#keyPrefix}:${name}`), ...values]
    const redis = this.#redis
    try {
      return await withDeadline({ timeoutMs: this.#commandTimeoutMs, clock: this.#clock }, async (signal) => {
        await untilReady(redis, signal)
        try {
          return await redis.call('EVALSHA', sha1, ...rest)
        } catch (error) {
          if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
          return await redis.call('EVAL', text, ...rest)
        }
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw this.#unavailable(`Redis gave no answer: ${reason}`, error)
    }
  }

  #unavailable(message: string, cause: unknown): StorageError {
    const details = { timeoutMs: this.#commandTimeoutMs }
    return StorageError.of('KEY_VALUE_UNAVAILABLE', message, { details, cause })
  }
}

function originOf({ addressKey, deviceKey = '' }: TryKeys, knownBy: KnownBy): string {
  return knownBy === 'device' ? deviceKey : addressKey
}

function isCause(value: unknown): value is ThrottleCause {
  return value === 'origin-delay' || value === 'account-lock' || value === 'address-limit'
}

function isKnownBy(value: unknown): value is KnownBy {
  return value === 'device' || value === 'address' || value === 'nothing'
}
