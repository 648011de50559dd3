import type { Logger, Metrics, Tracer } from '@golden-arch/core/observability'
import type { TaskKey } from '@golden-arch/core/tasks'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import { ack, EventConsumer, type MessageBroker } from '@golden-arch/messaging'

/** What {@link StepNews} are made of. */
export interface StepNewsOptions {
  readonly broker: MessageBroker
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tracer: Tracer
  readonly messageLeaseMs: number
  /** Milliseconds after which one who waits looks anyway: messages of one name are shared with other processes. Default 500. */
  readonly pollIntervalMs?: number
  /** Default the system clock. */
  readonly clock?: Clock
}

/** Tells those who wait in this process that a step of a task has ended. It only wakes: what ended is read from the table. */
export class StepNews {
  readonly #options: StepNewsOptions
  readonly #waiting = new Map<string, Set<AbortController>>()

  constructor(options: StepNewsOptions) {
    this.#options = options
  }

  /** Listens until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { broker, logger, metrics, tracer, messageLeaseMs } = this.#options
    const consumer = new EventConsumer({
      ...{ broker, logger, metrics, tracer },
      stream: 'TASKS',
      durable: 'peer-hub-votes',
      subjects: ['task.step.done'],
      startAt: 'new',
      leaseMs: messageLeaseMs,
    })
    await consumer.run(
      async ({ event }) => {
        if (event.subject !== undefined) this.tell({ tenantId: event.tenantid, taskId: event.subject })
        return ack()
      },
      { signal },
    )
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
