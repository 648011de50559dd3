import type { TaskKey } from '@golden-arch/core/tasks'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'

/** What {@link StepNews} are made of. */
export interface StepNewsOptions {
  /** Milliseconds after which one who waits looks anyway, as where the step was done by another process. Default 500. */
  readonly pollIntervalMs?: number
  /** Default the system clock. */
  readonly clock?: Clock
}

/** Tells those who wait in this process that a step of a task has ended here. It only wakes: what ended is read from the table. */
export class StepNews {
  readonly #options: StepNewsOptions
  readonly #waiting = new Map<string, Set<AbortController>>()

  constructor(options: StepNewsOptions = {}) {
    this.#options = options
  }

  /** Wakes those who wait for news of a task. */
  tell(task: TaskKey): void {
    for (const one of this.#waiting.get(nameOf(task)) ?? []) one.abort()
  }

  /** Resolves at the next news of a task, after the poll interval, or when the signal fires. */
  async next(task: TaskKey, signal: AbortSignal): Promise<void> {
    const { clock = systemClock, pollIntervalMs = 500 } = this.#options
    const name = nameOf(task)
    const wake = new AbortController()
    const waiting = this.#waiting.get(name) ?? new Set()
    this.#waiting.set(name, waiting.add(wake))
    try {
      await sleep(pollIntervalMs, { signal: AbortSignal.any([signal, wake.signal]), clock })
    } catch {
      // Woken: by news, or by the signal, which the caller looks at itself.
    } finally {
      waiting.delete(wake)
      if (waiting.size === 0) this.#waiting.delete(name)
    }
  }
}

function nameOf({ tenantId, taskId }: TaskKey): string {
  return JSON.stringify([tenantId, taskId])
}
