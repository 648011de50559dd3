import type { Clock, ScheduledTimer } from '../../time/index.ts'
import type { ProbeAnswer } from '../ports/circuit-store.ts'

/** What {@link ProbeLeases} works with. */
export interface ProbeLeasesOptions {
  readonly clock: Clock
  readonly leaseMs: number
  /** A number from 0 to below 1. */
  readonly random: () => number
  /** Whether the store can be asked at present. */
  readonly isUp: () => boolean
  /** Asks for the lease; undefined when no answer came. Does not reject. */
  readonly ask: (name: string) => Promise<ProbeAnswer | undefined>
  /** Gives a lease back that is not needed. Does not throw. */
  readonly release: (name: string) => void
}

/** Where this process stands with the lease of one circuit. `alone`: the store is away, and we probe without. */
type Lease =
  | { readonly kind: 'asking' }
  | { readonly kind: 'denied'; readonly askAgainAtMs: number }
  | { readonly kind: 'alone'; readonly mayProbeAtMs: number }
  | HeldLease

interface HeldLease {
  readonly kind: 'held'
  untilMs: number
  /** Whether no probe came while it lasted. */
  isUnused: boolean
  /** The generation of the probes that are counted. */
  generation: number
  probesInFlight: number
  renewal: ScheduledTimer | undefined
}

/** Spreads those who ask when a lease ends, so that they do not all do so at once. */
const ASK_AGAIN_SPREAD_MS = 50
/** Without the store, processes spread their probes over this share of the recovery time. */
const ALONE_SPREAD = 0.1
const RENEWALS_PER_LEASE = 3

/** Who may probe: answers from memory, asks in the background, and keeps a lease only while a probe of it runs. */
export class ProbeLeases {
  readonly #options: ProbeLeasesOptions
  readonly #leases = new Map<string, Lease>()

  constructor(options: ProbeLeasesOptions) {
    this.#options = options
  }

  /** Whether one probe may go now; if so, it is counted until {@link ended}. */
  mayProbe(name: string, generation: number, recoveryTimeoutMs: number): boolean {
    const nowMs = this.#options.clock.monotonicMs()
    const lease = this.#leases.get(name)
    switch (lease?.kind) {
      case 'asking':
        return false
      case 'held':
        if (nowMs < lease.untilMs) return this.#count(name, lease, generation)
        return lease.isUnused ? this.#probeLate(name, lease, generation) : this.#ask(name, recoveryTimeoutMs)
      case 'denied':
        return nowMs < lease.askAgainAtMs ? false : this.#ask(name, recoveryTimeoutMs)
      case 'alone':
        if (this.#options.isUp()) return this.#ask(name, recoveryTimeoutMs)
        return nowMs >= lease.mayProbeAtMs
      default:
        if (this.#options.isUp()) return this.#ask(name, recoveryTimeoutMs)
        return this.#goAlone(name, recoveryTimeoutMs)
    }
  }

  /** A probe that was let through has ended. */
  ended(name: string, generation: number): void {
    const lease = this.#leases.get(name)
    if (lease?.kind !== 'held' || lease.generation !== generation || lease.probesInFlight === 0) return
    lease.probesInFlight--
    if (lease.probesInFlight === 0) stopRenewal(lease)
  }

  /** The circuit was decided on, here or elsewhere: its next probe needs a lease of its own. True if one was held. */
  drop(name: string): boolean {
    const lease = this.#leases.get(name)
    this.#leases.delete(name)
    return stopRenewal(lease)
  }

  /** The names of the leases held, all of which are dropped. */
  dropAll(): readonly string[] {
    return [...this.#leases.keys()].filter((name) => this.drop(name))
  }

  #count(name: string, lease: HeldLease, generation: number): true {
    lease.isUnused = false
    if (lease.generation !== generation) lease.probesInFlight = 0
    lease.generation = generation
    lease.probesInFlight++
    lease.renewal ??= this.#scheduleRenewal(name, lease)
    return true
  }

  #goAlone(name: string, recoveryTimeoutMs: number): boolean {
    const { clock, random } = this.#options
    const waitMs = random() * ALONE_SPREAD * recoveryTimeoutMs
    this.#leases.set(name, { kind: 'alone', mayProbeAtMs: clock.monotonicMs() + waitMs })
    return waitMs === 0
  }

  #ask(name: string, recoveryTimeoutMs: number): false {
    const asking: Lease = { kind: 'asking' }
    stopRenewal(this.#leases.get(name))
    this.#leases.set(name, asking)
    const { clock, leaseMs, random, ask, release } = this.#options
    // Counted from before the question, so that we never believe in a lease for longer than the store does.
    const untilMs = clock.monotonicMs() + leaseMs
    void ask(name).then((answer) => {
      if (this.#leases.get(name) !== asking) {
        if (answer?.outcome === 'granted') release(name)
      } else if (answer === undefined) {
        this.#goAlone(name, recoveryTimeoutMs)
      } else if (answer.outcome === 'granted') {
        const unused = { isUnused: true, generation: 0, probesInFlight: 0, renewal: undefined }
        this.#leases.set(name, { kind: 'held', untilMs, ...unused })
      } else {
        const waitMs = (answer.outcome === 'taken' ? answer.remainingMs : 0) + random() * ASK_AGAIN_SPREAD_MS
        this.#leases.set(name, { kind: 'denied', askAgainAtMs: clock.monotonicMs() + waitMs })
      }
    })
    return false
  }

  /**
   * Probes with a lease that ended unused, and asks for it anew meanwhile. Where calls come less often than leases end,
   * nobody would ever probe otherwise.
   */
  #probeLate(name: string, lease: HeldLease, generation: number): true {
    this.#renew(name, lease)
    return this.#count(name, lease, generation)
  }

  #renew(name: string, lease: HeldLease): void {
    const { clock, leaseMs, ask } = this.#options
    const untilMs = clock.monotonicMs() + leaseMs
    void ask(name).then((answer) => {
      if (answer?.outcome === 'granted') lease.untilMs = untilMs
    })
  }

  #scheduleRenewal(name: string, lease: HeldLease): ScheduledTimer {
    const { clock, leaseMs } = this.#options
    return clock.schedule(leaseMs / RENEWALS_PER_LEASE, () => {
      lease.renewal = this.#scheduleRenewal(name, lease)
      this.#renew(name, lease)
    })
  }
}

/** True if there was a lease held. */
function stopRenewal(lease: Lease | undefined): boolean {
  if (lease?.kind !== 'held') return false
  lease.renewal?.cancel()
  lease.renewal = undefined
  return true
}
