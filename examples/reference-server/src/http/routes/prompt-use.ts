import type { SqlDatabase } from '@golden-arch/core/storage'
import type { AgentRole, TaskStatus } from '@golden-arch/core/tasks'

/** Which version of which prompt, and whose tasks are looked at. */
export interface PromptUseQuery {
  readonly tenantId: string
  readonly agentRole: AgentRole
  readonly version: number
  /** Only tasks that this one posted. Default all of the tenant. */
  readonly createdBy?: string
}

/** A task as posted that a version of a prompt answered for, in its parts and fixes too. */
export interface PromptUse {
  readonly id: string
  readonly title: string
  readonly status: TaskStatus
  readonly statusReason: string | null
  readonly calls: number
  readonly lastCallAt: Date
}

/** What a version of a prompt had a part in. */
export interface PromptUses {
  /** The one that was last at work with it first, {@link MAX_USES} at most. */
  readonly tasks: readonly PromptUse[]
  /** How many there are, by their status. */
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>
}

const MAX_USES = 1000

interface UseRow extends Pick<PromptUse, 'id' | 'title' | 'status'> {
  readonly status_reason: string | null
  readonly calls: bigint
  readonly last_call_at: Date
  readonly counts: PromptUses['counts']
}

/** The tasks whose calls a version of a prompt was sent with, by what the ledger of effects keeps of each call that ended. */
export async function usesOfPrompt(
  database: SqlDatabase,
  { tenantId, agentRole, version, createdBy }: PromptUseQuery,
): Promise<PromptUses> {
  const { rows } = await database.query<UseRow>(
    `WITH called AS (
       SELECT t.root_task_id AS id, count(*) AS calls, max(e.intended_at) AS last_call_at
         FROM task_effects e JOIN tasks t ON t.tenant_id = e.tenant_id AND t.task_id = e.task_id
        WHERE e.tenant_id = $1 AND e.result->>'agentRole' = $2 AND e.result->>'promptVersion' = $3::text
        GROUP BY t.root_task_id),
     used AS (
       SELECT c.id, r.title, r.status, r.status_reason, c.calls, c.last_call_at
         FROM called c JOIN tasks r ON r.tenant_id = $1 AND r.task_id = c.id
        WHERE $4::text IS NULL OR r.created_by = $4)
     SELECT *, (SELECT jsonb_object_agg(n.status, n.amount)
                  FROM (SELECT status, count(*) AS amount FROM used GROUP BY status) AS n) AS counts
       FROM used ORDER BY last_call_at DESC, id LIMIT $5`,
    [tenantId, agentRole, String(version), createdBy ?? null, MAX_USES],
  )
  return {
    tasks: rows.map(({ id, title, status, status_reason, calls, last_call_at }) => ({
      id,
      title,
      status,
      statusReason: status_reason,
      calls: Number(calls),
      lastCallAt: last_call_at,
    })),
    counts: rows[0]?.counts ?? {},
  }
}
