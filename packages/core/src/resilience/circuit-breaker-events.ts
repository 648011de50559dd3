import type { Listener } from '../observability/index.ts'
import type { CallOutcome } from './call-outcome.ts'
import type { CircuitChange, CircuitStatus } from './circuit-state.ts'

/** What breakers tell their listeners, by name. */
export interface CircuitEventMap {
  /**
   * A circuit changed its state; told after the new state holds. When that was by the wall clock is the listener's second
   * argument; `openedAtMs` and `reopenAtMs` are of the monotonic clock, and only their difference says something to a log.
   */
  readonly 'circuit.changed': { readonly name: string; readonly change: CircuitChange }
  /** A call was refused without being made. */
  readonly 'circuit.rejected': {
    readonly name: string
    readonly status: CircuitStatus
    /** Milliseconds after which another attempt may be let through; undefined where nobody can tell. */
    readonly retryAfterMs: number | undefined
  }
  /** A call ended, a stream with its last chunk. */
  readonly 'circuit.callEnded': {
    readonly name: string
    readonly outcome: CallOutcome
    /** Milliseconds until its promise settled. */
    readonly durationMs: number
  }
}

/** The name of an event. */
export type CircuitEventType = keyof CircuitEventMap

/** Hears of an event. What it throws is logged and changes nothing. */
export type CircuitListener<Type extends CircuitEventType> = Listener<CircuitEventMap, Type>
