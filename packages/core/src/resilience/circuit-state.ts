import { type Actor, requireActor } from '../audit/index.ts'
import { requireObject, requireText } from '../errors/index.ts'

/** Calls pass and are counted. */
export interface ClosedState {
  readonly status: 'closed'
  /** Grows by one with every transition; the result of a call that began in another generation decides nothing. */
  readonly generation: number
}

/** Calls are rejected until the recovery time is over; the first call after it becomes a probe. */
export interface OpenState {
  readonly status: 'open'
  readonly generation: number
  /** When it opened, in milliseconds of the breaker's monotonic clock. */
  readonly openedAtMs: number
  /** When a probe may be let through, in milliseconds of the breaker's monotonic clock. */
  readonly reopenAtMs: number
  /**
   * What opened it: the name of a trip rule, `probe-failed`, `probe-interrupted` (by an isolation that has ended; the next
   * call is a probe), or what another process said.
   */
  readonly reason: string
}

/** A bounded number of probes passes; every other call is rejected. */
export interface HalfOpenState {
  readonly status: 'half-open'
  readonly generation: number
  /** Probes that run now. */
  readonly probesInFlight: number
  /** Probes of this generation that succeeded. */
  readonly successes: number
}

/** Held open by a person or by isolation handles: calls are rejected until it is lifted. */
export interface ForcedOpenState {
  readonly status: 'forced-open'
  readonly generation: number
  /** Why. */
  readonly reason: string
}

/** Held closed by a person: calls pass and are counted, and no failure opens the circuit. */
export interface ForcedClosedState {
  readonly status: 'forced-closed'
  readonly generation: number
  /** Why. */
  readonly reason: string
}

/** Switched off by a person: calls pass unwatched. */
export interface DisabledState {
  readonly status: 'disabled'
  readonly generation: number
  /** Why. */
  readonly reason: string
}

/** The state of a circuit breaker; each field lives only in the state that owns it. */
export type CircuitState =
  | ClosedState
  | OpenState
  | HalfOpenState
  | ForcedOpenState
  | ForcedClosedState
  | DisabledState

/** The names of the states of a circuit breaker. */
export type CircuitStatus = CircuitState['status']

/** The states in which a person holds a circuit, whatever its calls do. */
export type ForcedStatus = 'forced-open' | 'forced-closed' | 'disabled'

/** Why a circuit changed its state. */
export type CircuitCause =
  | 'tripped'
  | 'recovery-over'
  | 'probe-failed'
  | 'probes-succeeded'
  | 'forced'
  | 'reset'
  | 'remote'
  | 'released'

/** One transition of a circuit. */
export interface CircuitChange {
  readonly from: CircuitState
  readonly to: CircuitState
  readonly cause: CircuitCause
  /** Consecutive failures at the moment of the transition. */
  readonly failureCount: number
  /** Who ordered it, in the process in which the order was given; the others are told the reason alone. */
  readonly actor?: Actor | undefined
}

/** A person's order, or that of a part of the system: who gives it, and why. */
export interface CircuitOrder {
  readonly actor: Actor
  /** Why, as all processes that share the circuit read it: 1 to 256 characters. */
  readonly reason: string
}

/** @throws InvalidOptionError `INVALID_OPTION` on an order that says not who, or not why. */
export function requireOrder(order: CircuitOrder): CircuitOrder {
  const { actor, reason } = requireObject('order', order)
  return { actor: requireActor(actor), reason: requireText('reason', reason) }
}

/** A person reset what was closed here: no transition, yet others may have to follow. */
export function closedReset(state: ClosedState): CircuitChange {
  return { from: state, to: state, cause: 'reset', failureCount: 0 }
}
