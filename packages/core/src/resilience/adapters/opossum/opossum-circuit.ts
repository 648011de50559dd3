import type { Actor } from '../../../audit/index.ts'
import { requireText } from '../../../errors/index.ts'
import { systemClock } from '../../../time/index.ts'
import type { RemoteDecision } from '../../circuit-coordinator.ts'
import { recoveryPauseMs } from '../../circuit-rejection.ts'
import { type CircuitCause, type CircuitState, closedReset } from '../../circuit-state.ts'
import { type CircuitEvent, type CircuitPolicy, transition } from '../../circuit-transition.ts'
import type { CircuitHold, CircuitHost, ForeignCircuit } from '../../managed-circuit.ts'
import { type OpossumBreaker, type OpossumEvent, openFor, recoveryTimeoutOf } from './opossum-breaker.ts'

/** How long a breaker whose probe was refused stays open before it asks again. */
const PROBE_REFUSED_MS = 1000

/** Follows an opossum breaker's state by its events, and carries out on it what people and other processes decide. */
export class OpossumCircuit implements ForeignCircuit {
  readonly name: string
  readonly #breaker: OpossumBreaker
  readonly #policy: CircuitPolicy
  #state: CircuitState = { status: 'closed', generation: 0 }
  #failureCount = 0
  #remoteEpoch = -1
  #host: CircuitHost | undefined
  /** Whether the events that come are of our own doing. */
  #isMuted = false
  /** The generation of the probe that was allowed and has not ended. */
  #leased: number | undefined

  constructor(breaker: OpossumBreaker) {
    this.name = requireText('name', breaker.name)
    this.#breaker = breaker
    const recoveryTimeoutMs = recoveryTimeoutOf(breaker)
    this.#policy = { recoveryTimeoutMs, maxProbes: 1, successThreshold: 1, rampsProbes: false }
    if (breaker.opened) {
      this.#state = this.#next({ kind: 'tripped', generation: 0, reason: 'opossum', nowMs: this.#nowMs() })
    }
  }

  get state(): CircuitState {
    return this.#state
  }

  get failureCount(): number {
    return this.#failureCount
  }

  connect(host: CircuitHost): () => void {
    this.#host = host
    host.reporter.show(this.#state.status)
    const listeners: Readonly<Record<OpossumEvent, (...given: unknown[]) => void>> = {
      open: () => this.#isMuted || this.#opened(),
      halfOpen: () => this.#isMuted || this.#recovered(),
      close: () => this.#isMuted || this.#closed(),
      fire: () => this.#fired(),
      success: (_result, latencyMs) => this.#ended(false, Number(latencyMs)),
      failure: (_error, latencyMs) => this.#ended(true, Number(latencyMs)),
      reject: () =>
        host.reporter.rejected(this.#state.status, recoveryPauseMs(this.#state, this.#policy, this.#nowMs())),
    }
    // Safe: the keys are those of the record above.
    const events = Object.keys(listeners) as OpossumEvent[]
    for (const event of events) this.#breaker.on(event, listeners[event])
    return () => {
      for (const event of events) this.#breaker.off(event, listeners[event])
    }
  }

  hold({ status, reason, actor }: CircuitHold): void {
    this.#apply({ kind: 'forced', status, reason }, 'forced', actor)
    this.#carryOut()
  }

  reset(): void {
    const before = this.#state
    this.#failureCount = 0
    this.#apply({ kind: 'reset' }, 'reset')
    this.#carryOut()
    // Others may have opened it for themselves alone.
    if (before.status === 'closed') this.#host?.coordinator?.transitioned(this.name, closedReset(before))
  }

  applyRemote(decision: RemoteDecision): boolean {
    if (decision.epoch <= this.#remoteEpoch) return false
    this.#remoteEpoch = decision.epoch
    if (this.#apply({ kind: 'remote', decision, nowMs: this.#nowMs() }, 'remote')) this.#carryOut()
    return true
  }

  /** Brings the breaker into our state, which no order leaves half-open. */
  #carryOut(): void {
    const breaker = this.#breaker
    const state = this.#state
    this.#quietly(() => {
      if (state.status === 'disabled') breaker.disable()
      else breaker.enable()
      if (state.status === 'open') openFor(breaker, Math.max(0, state.reopenAtMs - this.#nowMs()))
      else if (state.status === 'forced-open') breaker.open()
      else breaker.close()
    })
    this.#endLease()
  }

  #opened(): void {
    const { status, generation } = this.#state
    const nowMs = this.#nowMs()
    if (status === 'forced-closed') this.#quietly(() => this.#breaker.close())
    else if (status === 'half-open') {
      this.#apply({ kind: 'probe-ended', generation, outcome: 'failure', nowMs }, 'probe-failed')
    } else this.#apply({ kind: 'tripped', generation, reason: 'opossum', nowMs }, 'tripped')
    this.#endLease()
  }

  #closed(): void {
    const { status, generation } = this.#state
    const nowMs = this.#nowMs()
    if (status === 'half-open') {
      this.#apply({ kind: 'probe-ended', generation, outcome: 'success', nowMs }, 'probes-succeeded')
    } else this.#apply({ kind: 'reset' }, 'reset')
    this.#endLease()
  }

  /** Its timer would let a probe through; one that is held open stays so. */
  #recovered(): void {
    if (this.#state.status === 'forced-open') this.#quietly(() => this.#breaker.open())
  }

  /** The next call would be the probe: it is told before the breaker decides on it. */
  #fired(): void {
    const { status, generation } = this.#state
    if (status !== 'open' || !this.#breaker.halfOpen || !this.#breaker.pendingClose) return
    const nowMs = this.#nowMs()
    if (this.#host?.coordinator?.mayProbe(this.name, generation + 1) === false) {
      this.#quietly(() => openFor(this.#breaker, PROBE_REFUSED_MS))
      return
    }
    this.#leased = generation + 1
    // Its timer has run out, whatever our clock says.
    const due = this.#state.status === 'open' ? Math.max(nowMs, this.#state.reopenAtMs) : nowMs
    this.#apply({ kind: 'probe-started', nowMs: due }, 'recovery-over')
  }

  #ended(isFailure: boolean, latencyMs: number): void {
    if (this.#state.status === 'disabled') return
    this.#failureCount = isFailure ? this.#failureCount + 1 : 0
    this.#host?.reporter.callEnded(isFailure ? 'failure' : 'success', latencyMs)
  }

  #endLease(): void {
    const leased = this.#leased
    if (leased === undefined) return
    this.#leased = undefined
    this.#host?.coordinator?.probeEnded(this.name, leased)
  }

  #apply(event: CircuitEvent, cause: CircuitCause, actor?: Actor): boolean {
    const from = this.#state
    const to = this.#next(event)
    this.#state = to
    if (to.generation === from.generation) return false
    const change = { from, to, cause, failureCount: this.#failureCount, actor }
    if (cause !== 'remote') this.#host?.coordinator?.transitioned(this.name, change)
    this.#host?.reporter.changed(change)
    return true
  }

  #next(event: CircuitEvent): CircuitState {
    return transition(this.#state, event, this.#policy)
  }

  #quietly(act: () => void): void {
    this.#isMuted = true
    try {
      act()
    } finally {
      this.#isMuted = false
    }
  }

  #nowMs(): number {
    return (this.#host?.clock ?? systemClock).monotonicMs()
  }
}
