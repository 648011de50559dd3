import type { Logger, Metrics } from '@golden-arch/core/observability'
import { ack, EventConsumer, type EventHandler, type MessageBroker } from '@golden-arch/messaging'
import { z } from 'zod'
import type { RolePrompts } from './agent-runtime/role-prompts.ts'
import { HANDLER_TIMEOUT_MS, throughOutages } from './through-outages.ts'

/** What telling trials of prompts how tasks end needs. */
export interface PromptOutcomesOptions {
  readonly broker: MessageBroker
  readonly prompts: Pick<RolePrompts, 'recordOutcome'>
  readonly logger: Logger
  readonly metrics: Metrics
  /** Milliseconds after which the events of a dead process come again. */
  readonly leaseMs: number
}

const moveSchema = z.looseObject({ kind: z.literal('root'), to: z.string() })

/** What the status says of the prompts: agents that need a person have failed; a task that was called off says nothing. */
const SUCCESS: Readonly<Record<string, boolean>> = { completed: true, escalated: false, failed: false }

/** Tells each trial of a prompt how the roots ended that had one of its two versions, until the signal fires. */
export async function recordPromptOutcomes(
  options: PromptOutcomesOptions,
  signal: AbortSignal,
): Promise<void> {
  const { broker, prompts, logger, metrics, leaseMs } = options
  const consumer = new EventConsumer({
    broker,
    stream: 'TASKS',
    durable: 'prompt-outcomes',
    logger,
    metrics,
    leaseMs,
    handlerTimeoutMs: HANDLER_TIMEOUT_MS,
  })
  const record: EventHandler = async ({ event }) => {
    const move = moveSchema.safeParse(event.data)
    const succeeded = move.success ? SUCCESS[move.data.to] : undefined
    if (succeeded !== undefined && event.subject !== undefined) {
      // The trial counts a task once, however often its end is told.
      await prompts.recordOutcome({ tenantId: event.tenantid, taskId: event.subject, succeeded })
    }
    return ack()
  }
  await consumer.run(throughOutages(record), { signal })
}
