import { METRICS } from '../../observability/index.ts'
import { type ScheduledTimer, withDeadline } from '../../time/index.ts'
import type { CircuitCoordinator, CoordinatedCircuit } from '../circuit-coordinator.ts'
import type { CircuitChange, ForcedStatus } from '../circuit-state.ts'
import type { CircuitPersistence } from '../ports/circuit-persistence.ts'
import { CircuitBook } from './circuit-book.ts'
import { type CircuitRecord, persistedOf, recordOfChange, recordOfPersisted } from './circuit-record.ts'
import {
  type CircuitSharingOptions,
  type ResolvedCircuitSharingOptions,
  resolveCircuitSharingOptions,
} from './circuit-sharing-options.ts'
import { ClusterTalk } from './cluster-talk.ts'
import { EpochClock } from './epoch-clock.ts'
import { WriteBehind } from './write-behind.ts'

const LOAD_AGAIN_MS = 5000

/**
 * Shares the circuits of this process with others, and remembers them across restarts. Its answers come from memory:
 * whatever becomes of the store or the database, no call waits for either or is refused because of it. While all
 * circuits are closed and the store is up, it sends nothing.
 */
export class CircuitSharing implements CircuitCoordinator {
  readonly #options: ResolvedCircuitSharingOptions
  readonly #book = new CircuitBook()
  readonly #epochs: EpochClock
  readonly #writeBehind: WriteBehind | undefined
  readonly #talk: ClusterTalk | undefined
  #started: Promise<void> | undefined
  #loading: ScheduledTimer | undefined
  #isClosed = false

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: CircuitSharingOptions) {
    const resolved = resolveCircuitSharingOptions(options)
    const { persistence, store, clock, logger, metrics, writeDelayMs, persistenceTimeoutMs } = resolved
    this.#options = resolved
    this.#epochs = new EpochClock(clock)
    if (persistence !== undefined) {
      const failures = metrics.counter(METRICS.circuitBreakerSharingFailures)
      const times = { delayMs: writeDelayMs, timeoutMs: persistenceTimeoutMs }
      this.#writeBehind = new WriteBehind({ persistence, clock, logger, failures, ...times })
    }
    if (store !== undefined) {
      const settled = (name: string): void => this.#remember(name)
      this.#talk = new ClusterTalk({ ...resolved, store, book: this.#book, epochs: this.#epochs, settled })
    }
  }

  /**
   * Reads what is remembered and what the others hold, and hears of changes from then on. Resolves when that is known,
   * or cannot be known soon; until then circuits are closed. Calling it again changes nothing. Never rejects.
   */
  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  /** Gives leases back, writes down what waits, and hears of nothing any more. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#loading?.cancel()
    await Promise.all([this.#talk?.close(), this.#writeBehind?.close()])
  }

  joined(circuit: CoordinatedCircuit): void {
    this.#book.join(circuit, this.#options.clock.monotonicMs())
  }

  left(name: string): void {
    this.#book.leave(name)
    this.#talk?.left(name)
  }

  transitioned(name: string, change: CircuitChange): void {
    if (this.#isClosed) return
    const record = recordOfChange(this.#book.get(name), change)
    if (record === undefined) return
    this.#book.set(
      name,
      this.#talk === undefined ? { ...record, epoch: this.#epochs.next(), isOwn: false } : record,
    )
    if (this.#talk === undefined) this.#remember(name)
    else this.#talk.changed(name)
  }

  /** The names that are known not to be closed in some process, with or without a circuit here. */
  get namesNotClosed(): readonly string[] {
    return [...this.#book.watched].filter(([, { status }]) => status !== 'closed').map(([name]) => name)
  }

  /** The patterns that a person holds in some process. */
  get heldPatterns(): readonly string[] {
    return this.#book.heldPatterns
  }

  /** What a person ordered, in some process, for the patterns that `name` fits; undefined if the name was decided on since. */
  orderFor(name: string): CircuitRecord | undefined {
    return this.#book.orderFor(name)
  }

  /** A person decided on a pattern, or on a circuit that is not here. */
  ordered(name: string, status: ForcedStatus | 'closed', reason: string): void {
    const to = status === 'closed' ? { status, generation: 0 } : { status, generation: 0, reason }
    this.transitioned(name, {
      from: to,
      to,
      cause: status === 'closed' ? 'reset' : 'forced',
      failureCount: 0,
    })
  }

  mayProbe(name: string, generation: number): boolean {
    return this.#talk === undefined || this.#isClosed || this.#talk.mayProbe(name, generation)
  }

  probeEnded(name: string, generation: number): void {
    this.#talk?.probeEnded(name, generation)
  }

  async #start(): Promise<void> {
    const { persistence } = this.#options
    if (persistence !== undefined) await this.#load(persistence)
    if (!this.#isClosed) await this.#talk?.start()
  }

  async #load(persistence: CircuitPersistence): Promise<void> {
    const { clock, persistenceTimeoutMs, logger } = this.#options
    try {
      const remembered = await withDeadline({ timeoutMs: persistenceTimeoutMs, clock }, () =>
        persistence.load(),
      )
      const nowMs = clock.monotonicMs()
      for (const circuit of remembered) {
        this.#epochs.see(circuit.epoch)
        const held = this.#book.get(circuit.name)
        // Whatever this process has seen of the circuit by now is newer than what was written before it started.
        if (held === undefined) this.#book.apply(circuit.name, recordOfPersisted(circuit, nowMs), nowMs)
      }
    } catch (error) {
      logger.warn({ err: error }, 'the circuits of before could not be read')
      if (this.#isClosed) return
      this.#loading = clock.schedule(LOAD_AGAIN_MS, () => void this.#load(persistence))
    }
  }

  /** Has the circuit written down: at the epoch agreed on, else once at one of our own that is newer than any known. */
  #remember(name: string): void {
    const record = this.#book.get(name)
    if (this.#writeBehind === undefined || record === undefined || record.writtenEpoch > 0) return
    if (record.isOwn) this.#book.set(name, { ...record, writtenEpoch: this.#epochs.next() })
    // What waits may be superseded until it is written; a closed circuit may be forgotten until then.
    this.#writeBehind.put(name, () => {
      return persistedOf(name, this.#book.get(name) ?? record, this.#options.clock.monotonicMs())
    })
  }
}
