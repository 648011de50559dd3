import type { RemoteDecision } from './circuit-coordinator.ts'
import type { CircuitState, ForcedStatus, HalfOpenState } from './circuit-state.ts'

/** What the transitions of a circuit depend on beside its state. */
export interface CircuitPolicy {
  /** Milliseconds that an open circuit rejects before it lets a probe through. */
  readonly recoveryTimeoutMs: number
  /** Probes that may run at once. */
  readonly maxProbes: number
  /** Probes that must succeed before the circuit closes. */
  readonly successThreshold: number
  /** Whether probing starts with one probe, each success letting one more run at once. */
  readonly rampsProbes: boolean
}

/** What happened to a circuit. `nowMs` is the breaker's monotonic clock; `generation` that of the call it stems from. */
export type CircuitEvent =
  | { readonly kind: 'tripped'; readonly generation: number; readonly reason: string; readonly nowMs: number }
  | { readonly kind: 'probe-started'; readonly nowMs: number }
  | {
      readonly kind: 'probe-ended'
      readonly generation: number
      readonly outcome: 'success' | 'failure' | 'ignored'
      readonly nowMs: number
    }
  | { readonly kind: 'forced'; readonly status: ForcedStatus; readonly reason: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'remote'; readonly decision: RemoteDecision; readonly nowMs: number }
  /** The last isolation ended; `below` is the state above which it stood. */
  | { readonly kind: 'released'; readonly below: CircuitState; readonly nowMs: number }

/** Whether a call may go on: freely, as a probe, or not at all. */
export type Admission = 'pass' | 'probe' | 'reject'

/** Decides on a call that comes now. */
export function admit(state: CircuitState, policy: CircuitPolicy, nowMs: number): Admission {
  switch (state.status) {
    case 'open':
      return nowMs >= state.reopenAtMs ? 'probe' : 'reject'
    case 'half-open':
      return state.probesInFlight < probeLimit(state, policy) ? 'probe' : 'reject'
    case 'forced-open':
      return 'reject'
    default:
      return 'pass'
  }
}

/**
 * The state after `event`; the same object where nothing changes, as after a result from another generation. Only a
 * change of status or of the recovery time begins a new generation.
 */
export function transition(state: CircuitState, event: CircuitEvent, policy: CircuitPolicy): CircuitState {
  const generation = state.generation + 1
  switch (event.kind) {
    case 'tripped':
      if (state.status !== 'closed' || state.generation !== event.generation) return state
      return opened(generation, event.nowMs, policy.recoveryTimeoutMs, event.reason)
    case 'probe-started':
      if (admit(state, policy, event.nowMs) !== 'probe') return state
      if (state.status === 'half-open') return { ...state, probesInFlight: state.probesInFlight + 1 }
      return { status: 'half-open', generation, probesInFlight: 1, successes: 0 }
    case 'probe-ended':
      if (state.status !== 'half-open' || state.generation !== event.generation) return state
      return afterProbe(state, event.outcome, policy, event.nowMs)
    case 'forced':
      return { status: event.status, generation, reason: event.reason }
    case 'reset':
      return state.status === 'closed' ? state : { status: 'closed', generation }
    case 'remote':
      return afterRemote(state, event.decision, event.nowMs)
    case 'released':
      // The probes of before count no more: the next call is one.
      if (event.below.status === 'half-open') return opened(generation, event.nowMs, 0, 'probe-interrupted')
      return { ...event.below, generation }
  }
}

/** Probes that may run at once now. */
function probeLimit(state: HalfOpenState, policy: CircuitPolicy): number {
  return policy.rampsProbes ? Math.min(policy.maxProbes, 1 + state.successes) : policy.maxProbes
}

function afterProbe(
  state: HalfOpenState,
  outcome: 'success' | 'failure' | 'ignored',
  policy: CircuitPolicy,
  nowMs: number,
): CircuitState {
  const generation = state.generation + 1
  if (outcome === 'failure') return opened(generation, nowMs, policy.recoveryTimeoutMs, 'probe-failed')
  const successes = state.successes + (outcome === 'success' ? 1 : 0)
  if (successes >= policy.successThreshold) return { status: 'closed', generation }
  return { ...state, successes, probesInFlight: state.probesInFlight - 1 }
}

function afterRemote(state: CircuitState, decision: RemoteDecision, nowMs: number): CircuitState {
  const { status, reason, remainingMs } = decision
  const generation = state.generation + 1
  if (status === 'open') {
    // What a person holds here, the calls of another process do not lift.
    const isHeld = state.status !== 'closed' && state.status !== 'open' && state.status !== 'half-open'
    return isHeld ? state : opened(generation, nowMs, remainingMs, reason)
  }
  if (status === state.status) return state
  return status === 'closed' ? { status, generation } : { status, generation, reason }
}

function opened(generation: number, nowMs: number, remainingMs: number, reason: string): CircuitState {
  return { status: 'open', generation, openedAtMs: nowMs, reopenAtMs: nowMs + remainingMs, reason }
}
