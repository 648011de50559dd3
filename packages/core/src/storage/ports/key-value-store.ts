/** How a value is kept. */
export interface SetOptions {
  /** Milliseconds until the value is gone, 1 to 2^31 - 1. Default: kept until deleted or evicted. */
  readonly ttlMs?: number | undefined
  /** Store only where there is no value yet. Default false. */
  readonly onlyIfAbsent?: boolean | undefined
}

/** A store of short-lived texts. It holds no truth: losing it costs speed, never correctness. */
export interface KeyValueStore {
  /**
   * The value of `key`, or undefined.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the adapter's command timeout.
   */
  get(key: string): Promise<string | undefined>
  /**
   * Keeps `value` under `key`; true if it was stored, false if `onlyIfAbsent` found one.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the adapter's command timeout.
   */
  set(key: string, value: string, options?: SetOptions): Promise<boolean>
  /**
   * Deletes the keys; how many there were.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the adapter's command timeout.
   */
  delete(...keys: readonly string[]): Promise<number>
}
