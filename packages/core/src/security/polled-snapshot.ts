import { type Clock, withDeadline } from '../time/index.ts'
import type { PollingTimes } from './polling-times.ts'

/** How a snapshot is kept. */
export interface PolledSnapshotOptions<T> extends PollingTimes {
  /** Reads anew; gets what was read last. */
  readonly load: (last: T | undefined) => Promise<T>
  readonly clock: Clock
  /** Told of each failure to read. */
  readonly onFailure: (error: unknown) => void
}

/** What was read, and when the reading began by the monotonic clock. */
export interface Snapshot<T> {
  readonly value: T
  readonly startedMs: number
}

/** After a failure no use reads again for so long, so that a store that is down is not asked by every request. */
const RETRY_AFTER_MS = 500

/**
 * Something read out of a store, kept for a short time and never used when it is older than that. Its age counts from the
 * beginning of the reading, so that all that was committed before is in it. It reads only when used: no timer runs.
 */
export class PolledSnapshot<T> {
  readonly #options: PolledSnapshotOptions<T>
  #last: Snapshot<T> | undefined
  #reading: Promise<Snapshot<T>> | undefined
  #failed: { readonly error: unknown; readonly atMs: number } | undefined

  constructor(options: PolledSnapshotOptions<T>) {
    this.#options = options
  }

  /** What was read, not older than `staleAfterMs`. Rejects with what made reading fail. */
  get(): Snapshot<T> | Promise<Snapshot<T>> {
    const { clock, refreshAfterMs, staleAfterMs } = this.#options
    const nowMs = clock.monotonicMs()
    const last = this.#last
    const ageMs = last === undefined ? Number.POSITIVE_INFINITY : nowMs - last.startedMs
    if (last !== undefined && ageMs <= refreshAfterMs) return last
    const isResting = this.#failed !== undefined && nowMs - this.#failed.atMs < RETRY_AFTER_MS
    if (last !== undefined && ageMs <= staleAfterMs) {
      if (!isResting) this.#read().catch(() => {})
      return last
    }
    if (isResting && this.#reading === undefined) return Promise.reject(this.#failed?.error)
    return this.#read()
  }

  /** Reads now, whatever is kept; what was committed before the call is in it. */
  async refresh(): Promise<Snapshot<T>> {
    // One that is under way may have begun before.
    await this.#reading?.catch(() => {})
    return this.#read()
  }

  #read(): Promise<Snapshot<T>> {
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #load(): Promise<Snapshot<T>> {
    const { clock, timeoutMs, load, onFailure } = this.#options
    const startedMs = clock.monotonicMs()
    try {
      const value = await withDeadline({ timeoutMs, clock }, () => load(this.#last?.value))
      this.#last = { value, startedMs }
      this.#failed = undefined
      return this.#last
    } catch (error) {
      this.#failed = { error, atMs: clock.monotonicMs() }
      onFailure(error)
      throw error
    }
  }
}
