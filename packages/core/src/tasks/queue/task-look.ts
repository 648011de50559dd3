import type { TraceContext } from '../../observability/index.ts'
import type { SqlTransaction } from '../../storage/index.ts'
import type { TaskKey } from '../task.ts'

/** The turn to look at a task. It is no lock: whoever moves the task names the version that the move was decided on. */
export interface TaskLook extends TaskKey {
  /** Names this very look. */
  readonly token: bigint
  /** The place in a trace where the task was made; absent where nobody traced. */
  readonly trace?: TraceContext
}

interface LookRow {
  readonly tenant_id: string
  readonly task_id: string
  readonly token: bigint
  readonly trace: TraceContext | null
}

/** When a task is due, in microseconds: PostgreSQL keeps them, a Date does not. */
export const LOOK_TOKEN = '(extract(epoch FROM wake_at) * 1000000)::bigint'

/** Gives the turn to look at tasks that `tx` has locked: nobody else looks at them for `lookMs`, and they have their places. */
export async function lookAt(
  tx: SqlTransaction,
  tasks: readonly TaskKey[],
  lookMs: number,
): Promise<readonly TaskLook[]> {
  if (tasks.length === 0) return []
  const { rows } = await tx.query<LookRow>(
    `UPDATE tasks t SET is_admitted = t.is_admitted OR t.kind = 'root',
            wake_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
       FROM unnest($1::text[], $2::text[]) AS due(tenant_id, task_id)
      WHERE t.tenant_id = due.tenant_id AND t.task_id = due.task_id
      RETURNING t.tenant_id, t.task_id, t.trace, ${LOOK_TOKEN.replace('wake_at', 't.wake_at')} AS token`,
    [tasks.map((task) => task.tenantId), tasks.map((task) => task.taskId), lookMs],
  )
  const looks = new Map(rows.map((row) => [keyText(row.tenant_id, row.task_id), row]))
  return tasks.flatMap(({ tenantId, taskId }) => {
    const row = looks.get(keyText(tenantId, taskId))
    if (row === undefined) return []
    const { token, trace } = row
    return [{ tenantId, taskId, token, ...(trace === null ? {} : { trace }) }]
  })
}

function keyText(tenantId: string, taskId: string): string {
  return JSON.stringify([tenantId, taskId])
}
