import type { Logger, Metrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { errorFingerprint, type FailureHistory, type RecordedFailure } from '@golden-arch/governance/patterns'
import { ack, EventConsumer, type EventHandler, type MessageBroker } from '@golden-arch/messaging'
import { z } from 'zod'
import { consensusApproved, planValid, solutionPresent, testsPassed } from './orchestrator/coding-guards.ts'
import { HANDLER_TIMEOUT_MS, throughOutages } from './through-outages.ts'

/** What recording failures needs. */
export interface RecordFailuresOptions {
  readonly broker: MessageBroker
  readonly database: SqlDatabase
  readonly history: Pick<FailureHistory, 'record'>
  readonly logger: Logger
  readonly metrics: Metrics
  /** Milliseconds after which the events of a dead process come again. */
  readonly leaseMs: number
}

/** Whose work each guard judges: what an agent can learn to do better. */
const JUDGED: Readonly<Record<string, AgentRole>> = {
  [planValid.name]: 'architect',
  [solutionPresent.name]: 'developer',
  [testsPassed.name]: 'developer',
  [consensusApproved.name]: 'developer',
}
/** What the tasks are like: agents of one role do one kind of work here. */
const CONTEXT = 'coding-task'
const fixSchema = z.looseObject({ fixId: z.string(), outcome: z.string() })

/**
 * Records each failure of a guard that a fix was tried on, once it is known what came of that, until the signal fires: what
 * the supervisor learns from.
 */
export async function recordFailures(options: RecordFailuresOptions, signal: AbortSignal): Promise<void> {
  const { broker, database, history, logger, metrics, leaseMs } = options
  const consumer = new EventConsumer({
    broker,
    stream: 'TASKS',
    durable: 'failure-history',
    subjects: ['task.fix'],
    logger,
    metrics,
    leaseMs,
    handlerTimeoutMs: HANDLER_TIMEOUT_MS,
  })
  const record: EventHandler = async ({ event }) => {
    const { tenantid: tenantId, subject: taskId } = event
    const fix = fixSchema.safeParse(event.data)
    if (!fix.success || taskId === undefined || fix.data.outcome === 'started') return ack()
    const failure = await failureOf(database, { tenantId, taskId, fixId: fix.data.fixId })
    // The history takes each attempt of a task once, however often it is told.
    if (failure !== undefined) await history.record(failure)
    return ack()
  }
  await consumer.run(throughOutages(record), { signal })
}

interface FixKey {
  readonly tenantId: string
  readonly taskId: string
  readonly fixId: string
}

interface EndedFix {
  readonly fix: string
  readonly guard: string
  readonly reason: string
  readonly outcome: 'succeeded' | 'failed'
  readonly attempt: bigint
}

/** The failure that a fix was tried on; undefined where it is no agent's, or nothing was tried in the end. */
async function failureOf(
  database: SqlDatabase,
  { tenantId, taskId, fixId }: FixKey,
): Promise<RecordedFailure | undefined> {
  const { rows } = await database.query<EndedFix>(
    `SELECT f.fix, f.guard, f.reason, f.outcome,
            (SELECT count(*) FROM task_fixes AS e WHERE e.tenant_id = $1 AND e.task_id = $2 AND e.guard = f.guard
                AND e.position <= f.position) AS attempt
       FROM task_fixes AS f
      WHERE f.tenant_id = $1 AND f.task_id = $2 AND f.fix_id = $3 AND f.outcome IN ('succeeded', 'failed')`,
    [tenantId, taskId, fixId],
  )
  const [ended] = rows
  const agentRole = ended === undefined ? undefined : JUDGED[ended.guard]
  if (ended === undefined || agentRole === undefined) return undefined
  const { fix, guard, reason, outcome, attempt } = ended
  return {
    ...{ tenantId, taskId, guard, agentRole, outcome },
    attempt: Number(attempt),
    fixId: fix,
    contextSignature: CONTEXT,
    // By the reason alone: what the guard says beside it is of this one task, such as the names of its tests.
    errorFingerprint: errorFingerprint({ error: reason, errorCode: reason }),
  }
}
