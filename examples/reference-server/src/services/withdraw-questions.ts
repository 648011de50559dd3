import type { Logger, Metrics } from '@golden-arch/core/observability'
import { isFinalStatus, TASK_STATUSES } from '@golden-arch/core/tasks'
import type { EscalationStore } from '@golden-arch/governance/escalation'
import { ack, EventConsumer, type EventHandler, type MessageBroker } from '@golden-arch/messaging'
import { z } from 'zod'
import { HANDLER_TIMEOUT_MS, throughOutages } from './through-outages.ts'

/** What withdrawing the questions of tasks that have ended needs. */
export interface WithdrawQuestionsOptions {
  readonly broker: MessageBroker
  readonly escalations: Pick<EscalationStore, 'list' | 'withdraw'>
  readonly logger: Logger
  readonly metrics: Metrics
  /** Milliseconds after which the events of a dead process come again. */
  readonly leaseMs: number
}

const ACTOR = { id: 'supervisor', kind: 'service' } as const
const endSchema = z.looseObject({ to: z.enum(TASK_STATUSES.filter(isFinalStatus)) })

/**
 * Withdraws what a task asked people for once it has ended otherwise, until the signal fires: an answer could not be taken
 * to it any more. What others reported of the task stays open.
 */
export async function withdrawQuestions(
  options: WithdrawQuestionsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { broker, escalations, logger, metrics, leaseMs } = options
  const consumer = new EventConsumer({
    broker,
    stream: 'TASKS',
    durable: 'question-withdrawal',
    subjects: ['task.completed', 'task.transitioned'],
    logger,
    metrics,
    leaseMs,
    handlerTimeoutMs: HANDLER_TIMEOUT_MS,
  })
  const withdraw: EventHandler = async ({ event }) => {
    const end = endSchema.safeParse(event.data)
    if (!end.success || event.subject === undefined) return ack()
    const subject = { kind: 'task', id: event.subject }
    const unresolved = { tenantId: event.tenantid, status: 'unresolved', subject } as const
    const reason = `the task is ${end.data.to}`
    let cursor: string | null = null
    do {
      const page = await escalations.list({ ...unresolved, ...(cursor === null ? {} : { cursor }) })
      for (const { tenantId, escalationId, isOnce } of page.items) {
        // Whoever settled it first, a person or an earlier delivery of this event, is left as it is.
        if (isOnce) await escalations.withdraw({ tenantId, escalationId, actor: ACTOR, reason })
      }
      cursor = page.nextCursor
    } while (cursor !== null)
    return ack()
  }
  await consumer.run(throughOutages(withdraw), { signal })
}
