import type { Counter, Gauge, Logger } from '../../observability/index.ts'
import type { Clock } from '../../time/index.ts'
import { type BulkheadPolicy, bulkhead } from '../bulkhead/bulkhead.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import type { CircuitStore } from '../ports/circuit-store.ts'

/** What a {@link StoreLink} works with. */
export interface StoreLinkOptions {
  readonly store: CircuitStore
  readonly clock: Clock
  readonly logger: Logger
  readonly up: Gauge
  readonly failures: Counter
}

/** The commands of a store that are asked through the link. */
export type StoreOperation = 'propose' | 'read' | 'acquireProbe' | 'releaseProbe'

/** A person's order may concern every circuit there is: their commands wait here, not in the store's socket. */
const PLACES = { maxConcurrent: 64, maxQueueLength: 100_000, maxQueueWaitMs: 600_000 } as const
const GUARD_RULES = { failureThreshold: 3, recoveryTimeoutMs: 1000 } as const

/** The way to the store: it never rejects, and knows whether anybody is at the other end. */
export class StoreLink {
  readonly #options: StoreLinkOptions
  /** Keeps commands from a store that does not answer; shared with nobody. */
  readonly #guard: CircuitBreaker
  readonly #places: BulkheadPolicy
  #isSubscribed = false
  #isAnswering = true

  constructor(options: StoreLinkOptions) {
    this.#options = options
    this.#guard = new CircuitBreaker('shared circuit store', { ...GUARD_RULES, clock: options.clock })
    this.#places = bulkhead({ ...PLACES, clock: options.clock })
    this.#show()
  }

  /** Whether changes are heard and the last command was answered. */
  get isUp(): boolean {
    return this.#isSubscribed && this.#isAnswering
  }

  /** Changes are heard, or no longer. A new connection is tried at once, whatever became of the one before. */
  setSubscribed(isSubscribed: boolean): void {
    this.#isSubscribed = isSubscribed
    if (isSubscribed) this.#guard.reset()
    this.#show()
  }

  /** Asks the store; undefined when there was no answer, or none was waited for. */
  async run<T>(
    operation: StoreOperation,
    command: (store: CircuitStore) => Promise<T>,
  ): Promise<T | undefined> {
    const { store, logger, failures } = this.#options
    try {
      const answer = await this.#places.execute(() => this.#guard.execute(() => command(store)))
      if (!this.#isAnswering) logger.info({ operation }, 'the shared store of circuits answers again')
      this.#isAnswering = true
      this.#show()
      return answer
    } catch (error) {
      failures.increment({ operation })
      if (this.#isAnswering) logger.warn({ err: error, operation }, 'the shared store of circuits is away')
      this.#isAnswering = false
      this.#show()
      return undefined
    }
  }

  #show(): void {
    this.#options.up.set(this.isUp ? 1 : 0)
  }
}
