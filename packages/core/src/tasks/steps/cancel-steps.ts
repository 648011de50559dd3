import type { SqlTransaction } from '../../storage/index.ts'
import type { TaskKey } from '../task.ts'

/** Cancels the open steps of a task, and says how many; their holders learn it at their next heartbeat. */
export async function cancelSteps(tx: SqlTransaction, { tenantId, taskId }: TaskKey): Promise<number> {
  const cancelled = await tx.query(
    `UPDATE task_steps SET state = 'cancelled', ended_at = clock_timestamp(), due_at = NULL, deadline_at = NULL,
            lease_owner = NULL
      WHERE tenant_id = $1 AND task_id = $2 AND state IN ('requested', 'running')`,
    [tenantId, taskId],
  )
  return cancelled.rowCount
}
