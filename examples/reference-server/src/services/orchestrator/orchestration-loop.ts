import type { Logger, Metrics, Tracer } from '@golden-arch/core/observability'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import { ack, EventConsumer, type EventHandler, type MessageBroker } from '@golden-arch/messaging'
import { z } from 'zod'
import { keepRunning } from '../../keep-running.ts'
import { HANDLER_TIMEOUT_MS, throughOutages } from '../through-outages.ts'
import type { Orchestrator } from './orchestrator.ts'

/** What an {@link OrchestrationLoop} is made of. */
export interface OrchestrationLoopOptions {
  readonly orchestrator: Orchestrator
  readonly broker: MessageBroker
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tracer: Tracer
  /** Tasks looked at at once on account of messages. Default 8. */
  readonly maxConcurrent?: number
  /** Milliseconds after which messages of a dead process come again. */
  readonly messageLeaseMs: number
  /** Milliseconds between looks for tasks that no message told of. Default 1000 (1 second). */
  readonly pollIntervalMs?: number
  /** Default the system clock. */
  readonly clock?: Clock
}

const MAX_DUE = 20
const POLL_INTERVAL_MS = 1000
/** After these a task, or the one above it, may have something to do. */
const TOLD_BY = [
  'task.created',
  'task.transitioned',
  'task.completed',
  'task.escalated',
  'task.settled',
  'task.step.done',
] as const

/** What events about tasks name beside their subject. */
const dataSchema = z.looseObject({ parentTaskId: z.string().nullish() })
type TaskEventData = z.infer<typeof dataSchema>

/** Looks at tasks that messages tell of, and at those that are due though no message told of them. */
export class OrchestrationLoop {
  readonly #options: OrchestrationLoopOptions

  constructor(options: OrchestrationLoopOptions) {
    this.#options = options
  }

  /** Works until the signal fires; resolves once no task is looked at here any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { orchestrator, broker, logger, metrics, tracer, maxConcurrent = 8, messageLeaseMs } = this.#options
    const consumer = new EventConsumer<TaskEventData>({
      ...{ broker, logger, metrics, tracer },
      stream: 'TASKS',
      durable: 'orchestrator',
      subjects: TOLD_BY,
      schema: dataSchema,
      maxConcurrent,
      leaseMs: messageLeaseMs,
      handlerTimeoutMs: HANDLER_TIMEOUT_MS,
    })
    const handle: EventHandler<TaskEventData> = async ({ event }) => {
      const { tenantid: tenantId, subject: taskId, data } = event
      if (taskId !== undefined) await orchestrator.advance({ tenantId, taskId })
      const { parentTaskId } = data
      if (typeof parentTaskId === 'string') await orchestrator.advance({ tenantId, taskId: parentTaskId })
      return ack()
    }
    await Promise.all([
      keepRunning({ task: 'hearing of tasks', signal, logger }, (until) =>
        consumer.run(throughOutages(handle), { signal: until }),
      ),
      this.#poll(signal),
    ])
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { orchestrator, logger, clock = systemClock, pollIntervalMs = POLL_INTERVAL_MS } = this.#options
    while (!signal.aborted) {
      try {
        if ((await orchestrator.advanceDue(MAX_DUE)) === MAX_DUE) continue
      } catch (error) {
        if (!signal.aborted) logger.error({ err: error }, 'looking for tasks failed')
      }
      await sleep(pollIntervalMs, { signal, clock }).catch(() => undefined)
    }
  }
}
