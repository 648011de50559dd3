import type { Logger } from '@golden-arch/core/observability'
import { GroupCommit } from '../group-commit.ts'
import type { AttemptKey, AttemptStore, Attempts, FailedStart } from '../ports/attempt-store.ts'
import { DeliveryCountAttempts } from './delivery-count-attempts.ts'

const MAX_GROUP_LENGTH = 500

/** The attempts of one consumer, each kind of mark stored in groups. */
export class AttemptMarks {
  readonly #logger: Logger
  /** Deliveries are counted and nothing is stored, so there is no group to wait for. */
  readonly #isCounted: boolean
  readonly #reads: GroupCommit<AttemptKey, Attempts>
  readonly #starts: GroupCommit<AttemptKey, number>
  readonly #ends: GroupCommit<FailedStart, void>
  readonly #forgotten: GroupCommit<AttemptKey, void>

  constructor(store: AttemptStore, logger: Logger) {
    const bounds = { maxBatchLength: MAX_GROUP_LENGTH }
    this.#logger = logger
    this.#isCounted = store instanceof DeliveryCountAttempts
    this.#reads = new GroupCommit((keys) => store.read(keys), bounds)
    this.#starts = new GroupCommit((keys) => store.start(keys), bounds)
    this.#ends = new GroupCommit<FailedStart, void>(async (ends) => {
      await store.end(ends)
      return []
    }, bounds)
    this.#forgotten = new GroupCommit<AttemptKey, void>(async (keys) => {
      await store.forget(keys)
      return []
    }, bounds)
  }

  /** @throws StorageError by code. */
  read(key: AttemptKey): Promise<Attempts> {
    return this.#reads.add(key)
  }

  /** @throws StorageError by code; then the handler must not start. */
  start(key: AttemptKey): Promise<number> {
    return this.#isCounted ? Promise.resolve(key.deliveries) : this.#starts.add(key)
  }

  /** Never rejects: a start whose end is not stored is taken for a crash, which costs speed and nothing else. */
  async end(end: FailedStart): Promise<void> {
    await this.#ends.add(end).catch((error: unknown) => this.#log(error, 'end'))
  }

  /** Never rejects: what is not dropped now is pruned later. */
  async forget(key: AttemptKey): Promise<void> {
    if (this.#isCounted) return
    await this.#forgotten.add(key).catch((error: unknown) => this.#log(error, 'settlement'))
  }

  #log(error: unknown, what: string): void {
    this.#logger.warn({ err: error, what }, 'mark of an attempt not stored')
  }
}
