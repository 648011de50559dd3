import type { Logger } from './logger.ts'

/**
 * Hears of an event after what it tells of has happened. What it throws, or rejects with where it is asynchronous, is
 * logged and changes nothing; nobody waits for it.
 */
export type Listener<EventMap, Type extends keyof EventMap> = (data: EventMap[Type], at: Date) => void

/** Who hears in this process of the events that `EventMap` names. A listener that throws is logged and disturbs nobody. */
export class EventListeners<EventMap> {
  readonly #listeners = new Map<keyof EventMap, Set<Listener<EventMap, never>>>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Adds a listener; the function returned takes it away again. */
  add<Type extends keyof EventMap>(type: Type, listener: Listener<EventMap, Type>): () => void {
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(type) === listeners) this.#listeners.delete(type)
    }
  }

  /** Whether anybody hears of this type. */
  isHeard(type: keyof EventMap): boolean {
    return this.#listeners.size > 0 && this.#listeners.has(type)
  }

  /** Tells every listener of this type. */
  tell<Type extends keyof EventMap>(type: Type, data: EventMap[Type], at: Date): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        // Safe: under a type stand the listeners that were added for it alone, see add.
        const hears = listener as Listener<EventMap, Type>
        const ended: unknown = hears(data, at)
        if (ended instanceof Promise) ended.catch((error: unknown) => this.#complain(error, type))
      } catch (error) {
        this.#complain(error, type)
      }
    }
  }

  #complain(error: unknown, type: keyof EventMap): void {
    this.#logger.error({ err: error, type }, 'an event listener threw')
  }
}
