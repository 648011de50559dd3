import { METRICS } from '../../observability/index.ts'
import type { ScheduledTimer } from '../../time/index.ts'
import type { CircuitStore, CircuitSubscription, ProbeAnswer } from '../ports/circuit-store.ts'
import { ChangeExchange } from './change-exchange.ts'
import type { CircuitBook } from './circuit-book.ts'
import type { ResolvedCircuitSharingOptions } from './circuit-sharing-options.ts'
import { isLostByOthers } from './decide-received.ts'
import type { EpochClock } from './epoch-clock.ts'
import { ProbeLeases } from './probe-leases.ts'
import { StoreLink } from './store-link.ts'

/** What a {@link ClusterTalk} works with. */
export interface ClusterTalkOptions extends ResolvedCircuitSharingOptions {
  readonly store: CircuitStore
  readonly book: CircuitBook
  readonly epochs: EpochClock
  /** What this process holds of the circuit was agreed on with the others, or cannot be for now. */
  readonly settled: (name: string) => void
}

/** While the store is away it is asked at least this often; its guard keeps most of that from it. */
const AWAY_INTERVAL_MS = 1000
/** How long a start waits for the store. */
const START_LIMIT_MS = 1000

/** Speaks with other processes through the store: hears, compares, and asks before it probes. */
export class ClusterTalk {
  readonly #options: ClusterTalkOptions
  readonly #link: StoreLink
  readonly #leases: ProbeLeases
  readonly #exchange: ChangeExchange
  #subscription: CircuitSubscription | undefined
  #timer: ScheduledTimer | undefined
  #syncing: Promise<void> | undefined
  #startEnded: () => void = () => {}
  #isClosed = false

  constructor(options: ClusterTalkOptions) {
    this.#options = options
    const { store, logger, metrics, clock, random, probeLeaseMs } = options
    this.#link = new StoreLink({
      ...{ store, clock, logger },
      up: metrics.gauge(METRICS.circuitBreakerSharedUp),
      failures: metrics.counter(METRICS.circuitBreakerSharingFailures),
    })
    this.#leases = new ProbeLeases({
      ...{ clock, random, leaseMs: probeLeaseMs },
      isUp: () => this.#link.isUp,
      ask: (name) => this.#askForProbe(name),
      release: (name) => void this.#release(name),
    })
    this.#exchange = new ChangeExchange({
      ...options,
      link: this.#link,
      adopted: (name) => void this.#leases.drop(name),
      changed: () => this.#schedule(),
    })
  }

  /** Hears of changes from now on; resolves after the first comparison, or soon without. */
  start(): Promise<void> {
    const { store, clock } = this.#options
    return new Promise((resolve) => {
      const limit = clock.schedule(START_LIMIT_MS, () => {
        resolve()
        this.#schedule()
      })
      const known = (): void => {
        limit.cancel()
        resolve()
      }
      this.#startEnded = known
      this.#subscription = store.subscribe({
        changed: (circuit) => this.#exchange.receive(circuit),
        subscribed: () => {
          this.#link.setSubscribed(true)
          void this.#sync().then(known)
        },
        lost: () => {
          this.#link.setSubscribed(false)
          this.#schedule()
        },
      })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#exchange.close()
    this.#timer?.cancel()
    this.#startEnded()
    await Promise.all([
      ...this.#leases.dropAll().map((name) => this.#release(name)),
      this.#subscription?.close(),
    ])
  }

  /** This process changed the circuit. */
  changed(name: string): void {
    this.#leases.drop(name)
    void this.#exchange.propose(name)
  }

  /** The circuit is not here any more, and will not probe. */
  left(name: string): void {
    if (this.#leases.drop(name)) void this.#release(name)
  }

  mayProbe(name: string, generation: number): boolean {
    const recoveryTimeoutMs = this.#options.book.get(name)?.recoveryTimeoutMs ?? 0
    return this.#leases.mayProbe(name, generation, recoveryTimeoutMs)
  }

  probeEnded(name: string, generation: number): void {
    this.#leases.ended(name, generation)
  }

  async #askForProbe(name: string): Promise<ProbeAnswer | undefined> {
    const { book, processName: owner, probeLeaseMs: leaseMs } = this.#options
    const knownEpoch = book.get(name)?.epoch ?? 0
    const request = { name, owner, knownEpoch, leaseMs }
    const answer = await this.#link.run('acquireProbe', (store) => store.acquireProbe(request))
    if (answer?.outcome === 'outdated') this.#exchange.receive(answer.circuit)
    return answer
  }

  async #release(name: string): Promise<void> {
    const { processName: owner } = this.#options
    await this.#link.run('releaseProbe', (store) => store.releaseProbe({ name, owner }))
  }

  /** Compares what is held with what the others hold, and mends both. One at a time; never rejects. */
  async #sync(): Promise<void> {
    const before = this.#syncing
    // What is under way may have been read before changes were heard.
    const compared = before === undefined ? this.#compare() : before.then(() => this.#compare())
    this.#syncing = compared
    await compared
    if (this.#syncing === compared) this.#syncing = undefined
    this.#schedule()
  }

  async #compare(): Promise<void> {
    const { book, clock } = this.#options
    const names = [...book.watched].filter(([, record]) => !record.isOwn).map(([name]) => name)
    const circuits = await this.#link.run('read', (store) => store.read(names))
    if (circuits === undefined || this.#isClosed) return
    const theirs = new Map(circuits.map((circuit) => [circuit.name, circuit]))
    for (const circuit of circuits) this.#exchange.receive(circuit)
    const nowMs = clock.monotonicMs()
    for (const name of new Set([...book.watched.keys(), ...theirs.keys()])) {
      const record = book.get(name)
      if (record === undefined) continue
      const isLost = !record.isOwn && isLostByOthers(record, theirs.get(name), nowMs)
      if (isLost) book.set(name, { ...record, isOwn: true })
      if (isLost || record.isOwn) void this.#exchange.propose(name)
      else if (!theirs.has(name)) book.forgetUnlessJoined(name)
    }
  }

  /** One timer for all circuits, and none while all is well. */
  #schedule(): void {
    const { book, clock, random, syncIntervalMs } = this.#options
    if (this.#isClosed || this.#timer !== undefined) return
    if (book.watched.size === 0 && this.#link.isUp) return
    const intervalMs = this.#link.isUp ? syncIntervalMs : Math.min(syncIntervalMs, AWAY_INTERVAL_MS)
    this.#timer = clock.schedule(Math.ceil(intervalMs * (1 + random())), () => {
      this.#timer = undefined
      void this.#sync()
    })
  }
}
