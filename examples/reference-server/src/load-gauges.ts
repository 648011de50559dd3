import { METRICS } from '@golden-arch/core/observability'
import { isFinalStatus, TASK_STATUSES } from '@golden-arch/core/tasks'
import { repeat } from './keep-running.ts'
import type { ServerContext } from './server-context.ts'
import type { ServerRole } from './server-role.ts'

const INTERVAL_MS = 10_000
/** More than any number that a scaler would act upon: each kind is counted up to it, and no more waiting tasks are looked into. */
const MAX_COUNTED = 10_000
/** An escalated task waits for a person: another process would not bring it on. */
const ACTIVE = TASK_STATUSES.filter((status) => !isFinalStatus(status) && status !== 'escalated')

/** Whether this task waits for the word of a person, and nobody is to look at it for having got one. */
const asks = (task: string): string =>
  `${task}.wake_at IS NULL AND ${task}.waiting_for ->> 'kind' = 'approval'`
/** Tasks that have no look due and no process at work on them: only their root's tasks tell whether somebody could bring them on. */
const IDLE = "wake_at IS NULL AND status IN ('submitted', 'waiting')"
/**
 * A row for each task that a process could bring on: it asks nobody, and if it waits, then not only for tasks of its root that
 * do. An aggregate and no EXISTS, which the planner would answer by reading all tasks there are.
 */
const ACTIVE_TASKS = `
  (SELECT 1 FROM tasks WHERE status = ANY ($1) AND (${IDLE}) IS NOT TRUE AND (${asks('tasks')}) IS NOT TRUE LIMIT $2)
  UNION ALL
  SELECT 1 FROM (SELECT * FROM tasks WHERE status = ANY ($1) AND ${IDLE} AND (${asks('tasks')}) IS NOT TRUE LIMIT $2) AS t
   WHERE (SELECT bool_or(${asks('o')}) IS NOT TRUE
                 OR bool_or(o.wake_at IS NOT NULL OR o.status IN ('planning', 'executing', 'reviewing'))
            FROM tasks o WHERE o.tenant_id = t.tenant_id AND o.root_task_id = t.root_task_id)`

/** Who does the steps of tasks. */
const STEP_SERVICES: readonly ServerRole[] = ['agent-runtime', 'peer-hub', 'sandbox-executor']

interface QueueDepth {
  readonly service: string
  readonly depth: bigint
}

/** Keeps the gauges that scalers go by until the signal fires. They are of the whole system, whichever process tells. */
export async function keepLoadGauges(
  { database, metrics, logger }: Pick<ServerContext, 'database' | 'metrics' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  const tasks = metrics.gauge(METRICS.activeTasks)
  const escalations = metrics.gauge(METRICS.escalationsOpen)
  const depths = metrics.gauge(METRICS.queueDepth)
  await repeat({ task: 'measuring the load', signal, logger, intervalMs: INTERVAL_MS }, async () => {
    const { rows } = await database.query<Record<'tasks' | 'escalations', bigint>>(
      `SELECT (SELECT count(*) FROM (${ACTIVE_TASKS}) AS a) AS tasks,
              (SELECT count(*) FROM (SELECT 1 FROM escalations WHERE status <> 'resolved' LIMIT $2) AS e) AS escalations`,
      [ACTIVE, MAX_COUNTED],
      { signal },
    )
    tasks.set(Number(rows[0]?.tasks ?? 0))
    escalations.set(Number(rows[0]?.escalations ?? 0))
    for (const { service, depth } of await queueDepths(database, signal))
      depths.set(Number(depth), { service })
  })
}

/** How much is due now, by the service that does it: tasks to look at, and steps that nobody runs. What has ended is not read. */
async function queueDepths(
  database: ServerContext['database'],
  signal: AbortSignal,
): Promise<readonly QueueDepth[]> {
  // statement_timestamp() and not clock_timestamp(): an index can be searched up to a value that stands still.
  const { rows } = await database.query<QueueDepth>(
    `SELECT v.service, due.depth
       FROM unnest($1::text[]) AS v (service)
      CROSS JOIN LATERAL (
        SELECT count(*) AS depth FROM (
          SELECT 1 FROM task_steps
           WHERE service = v.service AND state IN ('requested', 'running') AND runs < max_runs
             AND due_at <= statement_timestamp() LIMIT $2) AS s) AS due
     UNION ALL
     SELECT 'orchestrator', count(*) FROM (
       SELECT 1 FROM tasks WHERE wake_at <= statement_timestamp() LIMIT $2) AS t`,
    [STEP_SERVICES, MAX_COUNTED],
    { signal },
  )
  return rows
}
