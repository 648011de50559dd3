import { METRICS } from '@golden-arch/core/observability'
import { isFinalStatus, TASK_STATUSES } from '@golden-arch/core/tasks'
import { repeat } from './keep-running.ts'
import type { ServerContext } from './server-context.ts'

const INTERVAL_MS = 10_000
/** More than any number that a scaler would act upon: counting stops there, however many there are. */
const MAX_COUNTED = 10_000
/** An escalated task waits for a person: another process would not bring it on. */
const ACTIVE = TASK_STATUSES.filter((status) => !isFinalStatus(status) && status !== 'escalated')

/** Keeps the gauges that scalers go by until the signal fires. They are of the whole system, whichever process tells. */
export async function keepLoadGauges(
  { database, metrics, logger }: Pick<ServerContext, 'database' | 'metrics' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  const tasks = metrics.gauge(METRICS.activeTasks)
  const escalations = metrics.gauge(METRICS.escalationsOpen)
  await repeat({ task: 'measuring the load', signal, logger, intervalMs: INTERVAL_MS }, async () => {
    const { rows } = await database.query<Record<'tasks' | 'escalations', bigint>>(
      `SELECT (SELECT count(*) FROM (SELECT 1 FROM tasks WHERE status = ANY ($1) LIMIT $2) AS a) AS tasks,
              (SELECT count(*) FROM (SELECT 1 FROM escalations WHERE status <> 'resolved' LIMIT $2) AS e) AS escalations`,
      [ACTIVE, MAX_COUNTED],
      { signal },
    )
    tasks.set(Number(rows[0]?.tasks ?? 0))
    escalations.set(Number(rows[0]?.escalations ?? 0))
  })
}
