import type { Logger } from '../observability/index.ts'
import type { CallOutcome } from './call-outcome.ts'
import type { CircuitChange, CircuitStatus } from './circuit-state.ts'

/** What breakers tell their listeners, by name. */
export interface CircuitEventMap {
  /** A circuit changed its state; told after the new state holds. */
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
export type CircuitListener<Type extends CircuitEventType> = (data: CircuitEventMap[Type]) => void

type AnyListener = (data: CircuitEventMap[CircuitEventType]) => void

/** Who hears of events of one breaker, or of all breakers of a registry. */
export class CircuitListeners {
  readonly #listeners = new Map<CircuitEventType, Set<AnyListener>>()

  /** Adds a listener; the function returned takes it away again. */
  add<Type extends CircuitEventType>(type: Type, listener: CircuitListener<Type>): () => void {
    // Safe: a listener is called with the data of its own type alone, see tell.
    const kept = listener as AnyListener
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners.add(kept))
    return () => {
      listeners.delete(kept)
      if (listeners.size === 0 && this.#listeners.get(type) === listeners) this.#listeners.delete(type)
    }
  }

  /** Whether anybody hears of this type. */
  isHeard(type: CircuitEventType): boolean {
    return this.#listeners.size > 0 && this.#listeners.has(type)
  }

  /** Tells every listener of this type; one that throws is logged and disturbs nobody. */
  tell<Type extends CircuitEventType>(type: Type, data: CircuitEventMap[Type], logger: Logger): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        listener(data)
      } catch (error) {
        logger.error({ err: error, type }, 'a circuit listener threw')
      }
    }
  }
}
