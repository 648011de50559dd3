import { InvalidOptionError, requireInteger, requireMethods, withDefaults } from '../../../errors/index.ts'
import { type Clock, systemClock, withDeadline } from '../../../time/index.ts'
import { requireKey, requireTtl } from '../../key-value-rules.ts'
import type { KeyValueStore, SetOptions } from '../../ports/key-value-store.ts'
import { StorageError } from '../../storage-error.ts'
import type { RedisClient } from './redis-client.ts'
import { untilReady } from './until-ready.ts'

/** What an {@link RedisKeyValueStore} is made of. */
export interface RedisKeyValueStoreOptions {
  /** An ioredis client (5 or 6), or a cluster. It stays yours: we never close it. */
  readonly redis: RedisClient
  /** Put before every key, at most 256 characters. Default empty. */
  readonly keyPrefix?: string | undefined
  /** Milliseconds within which every call ends, 1 to 60000. Default 1000 (one second). */
  readonly commandTimeoutMs?: number | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The defaults of {@link RedisKeyValueStoreOptions}. */
const DEFAULT_REDIS_KEY_VALUE_STORE_OPTIONS = Object.freeze({
  redis: undefined,
  keyPrefix: '',
  commandTimeoutMs: 1000,
  clock: systemClock,
})

/**
 * A key-value store in Redis. No call waits longer than `commandTimeoutMs`, however Redis fails; a command that was
 * sent to a Redis that then fell silent may still take effect when it wakes.
 */
export class RedisKeyValueStore implements KeyValueStore {
  readonly #client: RedisClient
  readonly #keyPrefix: string
  readonly #commandTimeoutMs: number
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on a prefix or time limit out of its range. */
  constructor(options: RedisKeyValueStoreOptions) {
    const { redis, keyPrefix, commandTimeoutMs, clock } = withDefaults(
      options,
      DEFAULT_REDIS_KEY_VALUE_STORE_OPTIONS,
    )
    if (typeof keyPrefix !== 'string' || keyPrefix.length > 256) {
      throw new InvalidOptionError('keyPrefix', 'a string of at most 256 characters', keyPrefix)
    }
    this.#client = requireMethods('redis', redis, ['call'])
    this.#keyPrefix = keyPrefix
    this.#commandTimeoutMs = requireInteger('commandTimeoutMs', commandTimeoutMs, { min: 1, max: 60_000 })
    this.#clock = clock
  }

  /**
   * The value of `key`, or undefined.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit; InvalidOptionError `INVALID_OPTION`.
   */
  async get(key: string): Promise<string | undefined> {
    const name = this.#nameOf(key)
    const reply = await this.#call((client) => client.call('GET', name))
    return typeof reply === 'string' ? reply : undefined
  }

  /**
   * Keeps `value` under `key`; true if it was stored, false if `onlyIfAbsent` found one.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit; InvalidOptionError `INVALID_OPTION`.
   */
  async set(key: string, value: string, options: SetOptions = {}): Promise<boolean> {
    const name = this.#nameOf(key)
    const ttlMs = requireTtl(options.ttlMs)
    const args = [name, value]
    if (ttlMs !== undefined) args.push('PX', String(ttlMs))
    if (options.onlyIfAbsent === true) args.push('NX')
    return (await this.#call((client) => client.call('SET', ...args))) === 'OK'
  }

  /**
   * Deletes the keys; how many there were. Each is a command of its own, so that they may lie on several nodes.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit, when some may be gone;
   * InvalidOptionError `INVALID_OPTION`.
   */
  async delete(...keys: readonly string[]): Promise<number> {
    if (keys.length === 0) return 0
    const names = keys.map((key) => this.#nameOf(key))
    const replies = await this.#call((client) => Promise.all(names.map((name) => client.call('DEL', name))))
    return replies.reduce<number>((sum, reply) => sum + Number(reply), 0)
  }

  #nameOf(key: string): string {
    return `${this.#keyPrefix}${requireKey(key)}`
  }

  async #call<T>(send: (client: RedisClient) => Promise<T>): Promise<T> {
    const timeoutMs = this.#commandTimeoutMs
    try {
      return await withDeadline({ timeoutMs, clock: this.#clock }, async (signal) => {
        await untilReady(this.#client, signal)
        return await send(this.#client)
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw StorageError.of('KEY_VALUE_UNAVAILABLE', `Redis gave no answer: ${reason}`, {
        details: { timeoutMs },
        cause: error,
      })
    }
  }
}
