import type { Logger } from '@golden-arch/core/observability'
import type { BudgetEvent, BudgetEventType, BudgetListener } from './budget-event.ts'

type AnyListener = (data: BudgetEvent['data'], at: Date) => void

/** Who hears of events in this process. A listener that throws is logged and disturbs nobody. */
export class BudgetListeners {
  readonly #listeners = new Map<BudgetEventType, Set<AnyListener>>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Adds a listener; the function returned takes it away again. */
  add<Type extends BudgetEventType>(type: Type, listener: BudgetListener<Type>): () => void {
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
  isHeard(type: BudgetEventType): boolean {
    return this.#listeners.has(type)
  }

  tell(event: BudgetEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) {
      try {
        listener(event.data, event.at)
      } catch (error) {
        this.#logger.error({ err: error, type: event.type }, 'a budget listener threw')
      }
    }
  }
}
