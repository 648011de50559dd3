import { StorageError } from '../../storage/index.ts'
import { type Clock, sleep, systemClock } from '../../time/index.ts'
import type {
  CircuitProposal,
  CircuitStore,
  CircuitStoreListener,
  CircuitSubscription,
  ProbeAnswer,
  ProbeRequest,
  ProposalAnswer,
  SharedCircuit,
} from '../ports/circuit-store.ts'

interface StoredCircuit extends SharedCircuit {
  readonly reopenAtMs: number
}

/** What a {@link MemoryCircuitStore} is made of. */
export interface MemoryCircuitStoreOptions {
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Milliseconds after which a frozen store is given up. Default 500. */
  readonly commandTimeoutMs?: number
}

/**
 * A store in memory, to which each of several coordinators in one process may be given as if it were one of several
 * processes. It can be stopped, frozen and flushed, and counts the commands it was sent.
 */
export class MemoryCircuitStore implements CircuitStore {
  readonly #clock: Clock
  readonly #commandTimeoutMs: number
  readonly #circuits = new Map<string, StoredCircuit>()
  readonly #leases = new Map<string, { readonly owner: string; readonly untilMs: number }>()
  readonly #votes = new Map<string, Map<string, number>>()
  readonly #listeners = new Set<CircuitStoreListener>()
  /** What was asked of a frozen store. */
  readonly #late: (() => unknown)[] = []
  #state: 'up' | 'stopped' | 'frozen' = 'up'
  #commandCount = 0

  constructor(options: MemoryCircuitStoreOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#commandTimeoutMs = options.commandTimeoutMs ?? 500
  }

  /** Commands sent since the store was made, those included that had no answer. */
  get commandCount(): number {
    return this.#commandCount
  }

  /** Ends all connections; every command fails at once until {@link resume}. */
  stop(): void {
    this.#state = 'stopped'
    this.#late.length = 0
    for (const listener of this.#listeners) listener.lost()
  }

  /** Takes commands and does not answer; they take effect at {@link resume}, long after their callers gave up. */
  freeze(): void {
    this.#state = 'frozen'
  }

  /** Answers again. Whoever lost the connection hears of changes again. */
  resume(): void {
    const wasStopped = this.#state === 'stopped'
    this.#state = 'up'
    for (const effect of this.#late.splice(0)) effect()
    if (wasStopped) for (const listener of this.#listeners) listener.subscribed()
  }

  /** Forgets everything. */
  flush(): void {
    this.#circuits.clear()
    this.#leases.clear()
    this.#votes.clear()
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` while stopped, or in the end while frozen. */
  propose(proposal: CircuitProposal): Promise<ProposalAnswer> {
    return this.#run(() => this.#propose(proposal))
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` while stopped, or in the end while frozen. */
  read(names: readonly string[]): Promise<readonly SharedCircuit[]> {
    const asked = new Set(names)
    return this.#run(() =>
      [...this.#circuits.values()]
        .filter((circuit) => circuit.status !== 'closed' || asked.has(circuit.name))
        .map((circuit) => tell(circuit, this.#clock.monotonicMs())),
    )
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` while stopped, or in the end while frozen. */
  acquireProbe(request: ProbeRequest): Promise<ProbeAnswer> {
    return this.#run(() => this.#acquireProbe(request))
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` while stopped, or in the end while frozen. */
  async releaseProbe({ name, owner }: Pick<ProbeRequest, 'name' | 'owner'>): Promise<void> {
    await this.#run(() => this.#leases.get(name)?.owner === owner && this.#leases.delete(name))
  }

  subscribe(listener: CircuitStoreListener): CircuitSubscription {
    this.#listeners.add(listener)
    queueMicrotask(() => {
      if (this.#state === 'up') listener.subscribed()
    })
    return { close: async () => void this.#listeners.delete(listener) }
  }

  async #run<T>(effect: () => T): Promise<T> {
    this.#commandCount++
    if (this.#state === 'up') return effect()
    if (this.#state === 'frozen') {
      this.#late.push(effect)
      await sleep(this.#commandTimeoutMs, { clock: this.#clock })
    }
    throw StorageError.of('KEY_VALUE_UNAVAILABLE', 'the store gave no answer')
  }

  #propose(proposal: CircuitProposal): ProposalAnswer {
    const { name, knownEpoch, floorEpoch, quorum, quorumWindowMs, ...change } = proposal
    const { status, cause, author, remainingMs } = change
    const nowMs = this.#clock.monotonicMs()
    const stored = this.#circuits.get(name)
    if (stored !== undefined && stored.epoch > knownEpoch) {
      return { outcome: 'refused', circuit: tell(stored, nowMs) }
    }
    const wasOpen = stored !== undefined && stored.status !== 'closed'
    const votes = this.#votes.get(name) ?? new Map<string, number>()
    if (cause === 'tripped' && !wasOpen && quorum > 1) {
      this.#votes.set(name, votes.set(author, nowMs))
      for (const [voter, votedAtMs] of votes) if (votedAtMs <= nowMs - quorumWindowMs) votes.delete(voter)
      if (votes.size < quorum) return { outcome: 'awaiting-quorum', votes: votes.size }
    }
    if (this.#leases.get(name)?.owner === author) this.#leases.delete(name)
    votes.delete(author)
    if (status === 'closed' && cause !== 'reset' && !wasOpen && (stored !== undefined || knownEpoch === 0)) {
      return { outcome: 'accepted', epoch: stored?.epoch ?? 0 }
    }
    const epoch = Math.max(stored?.epoch ?? 0, floorEpoch, this.#clock.now().getTime() - 1) + 1
    const accepted: StoredCircuit = { ...change, name, epoch, reopenAtMs: nowMs + remainingMs }
    this.#circuits.set(name, accepted)
    this.#votes.delete(name)
    for (const listener of this.#listeners) listener.changed(tell(accepted, nowMs))
    return { outcome: 'accepted', epoch }
  }

  #acquireProbe({ name, owner, knownEpoch, leaseMs }: ProbeRequest): ProbeAnswer {
    const nowMs = this.#clock.monotonicMs()
    const stored = this.#circuits.get(name)
    if (stored !== undefined && stored.epoch > knownEpoch) {
      return { outcome: 'outdated', circuit: tell(stored, nowMs) }
    }
    const lease = this.#leases.get(name)
    if (lease !== undefined && lease.owner !== owner && lease.untilMs > nowMs) {
      return { outcome: 'taken', remainingMs: lease.untilMs - nowMs }
    }
    this.#leases.set(name, { owner, untilMs: nowMs + leaseMs })
    return { outcome: 'granted' }
  }
}

function tell({ reopenAtMs, ...circuit }: StoredCircuit, nowMs: number): SharedCircuit {
  return { ...circuit, remainingMs: Math.max(0, reopenAtMs - nowMs) }
}
