import { requireInteger, withDefaults } from '../../../errors/index.ts'
import { type Clock, systemClock } from '../../../time/index.ts'
import { requireKey, requireTtl } from '../../key-value-rules.ts'
import type { KeyValueStore, SetOptions } from '../../ports/key-value-store.ts'

/** What a {@link MemoryKeyValueStore} is made of. */
export interface MemoryKeyValueStoreOptions {
  /** Where time comes from; only its monotonic side is used. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Values kept at once, 1 to 10000000; beyond it the least recently used leaves. Default 10000. */
  readonly maxEntries?: number | undefined
}

/** The defaults of {@link MemoryKeyValueStoreOptions}. */
const DEFAULT_MEMORY_KEY_VALUE_STORE_OPTIONS = Object.freeze({
  clock: systemClock,
  maxEntries: 10_000,
})

interface Entry {
  readonly value: string
  /** On the monotonic clock. */
  readonly expiresAtMs: number
}

/** A key-value store in the memory of this process, bounded: the least recently used value leaves first. */
export class MemoryKeyValueStore implements KeyValueStore {
  readonly #clock: Clock
  readonly #maxEntries: number
  /** From the least to the most recently used. */
  readonly #entries = new Map<string, Entry>()

  /** @throws InvalidOptionError `INVALID_OPTION` on a `maxEntries` out of its range. */
  constructor(options: MemoryKeyValueStoreOptions = {}) {
    const { clock, maxEntries } = withDefaults(options, DEFAULT_MEMORY_KEY_VALUE_STORE_OPTIONS)
    this.#clock = clock
    this.#maxEntries = requireInteger('maxEntries', maxEntries, { min: 1, max: 10_000_000 })
  }

  /**
   * The value of `key`, or undefined; reading counts as use.
   * @throws InvalidOptionError `INVALID_OPTION` on a key that is no text of 1 to 1024 characters.
   */
  async get(key: string): Promise<string | undefined> {
    const entry = this.#live(requireKey(key))
    if (entry !== undefined) this.#put(key, entry)
    return entry?.value
  }

  /**
   * Keeps `value` under `key`; true if it was stored, false if `onlyIfAbsent` found one.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad key or `ttlMs`.
   */
  async set(key: string, value: string, options: SetOptions = {}): Promise<boolean> {
    requireKey(key)
    const ttlMs = requireTtl(options.ttlMs)
    if (options.onlyIfAbsent === true && this.#live(key) !== undefined) return false
    const expiresAtMs = ttlMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() + ttlMs
    this.#put(key, { value, expiresAtMs })
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) break
      this.#entries.delete(oldest)
    }
    return true
  }

  /**
   * Deletes the keys; how many there were.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad key; then none is deleted.
   */
  async delete(...keys: readonly string[]): Promise<number> {
    for (const key of keys) requireKey(key)
    let count = 0
    for (const key of keys) {
      if (this.#live(key) !== undefined) count++
      this.#entries.delete(key)
    }
    return count
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || this.#clock.monotonicMs() < entry.expiresAtMs) return entry
    this.#entries.delete(key)
    return undefined
  }

  #put(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
  }
}
