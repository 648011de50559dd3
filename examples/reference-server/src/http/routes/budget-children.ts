import type { BudgetScope } from '@golden-arch/budget'
import type { SqlDatabase } from '@golden-arch/core/storage'

/** Which budgets: those of the projects of the tenant, or those within a project. */
export interface ChildrenOptions {
  readonly tenantId: string
  readonly projectId: string | undefined
  readonly limit: number
}

interface ScopeRow {
  readonly project_id: string
  readonly task_id: string
  readonly agent_id: string
}

/** The scopes of the budgets right below a tenant or a project, the one made last first; one more than `limit` at most. */
export async function readChildScopes(
  database: SqlDatabase,
  { tenantId, projectId, limit }: ChildrenOptions,
): Promise<readonly BudgetScope[]> {
  const { rows } = await database.query<ScopeRow>(
    projectId === undefined
      ? `SELECT project_id, task_id, agent_id FROM budgets
          WHERE tenant_id = $1 AND project_id <> $2 AND task_id = '' AND agent_id = ''
          ORDER BY budget_id DESC LIMIT $3::int`
      : `SELECT project_id, task_id, agent_id FROM budgets
          WHERE tenant_id = $1 AND project_id = $2 AND (task_id <> '' OR agent_id <> '')
          ORDER BY budget_id DESC LIMIT $3::int`,
    [tenantId, projectId ?? '', limit + 1],
  )
  return rows.map(({ project_id, task_id, agent_id }) => ({
    tenantId,
    projectId: project_id,
    ...(task_id === '' ? {} : { taskId: task_id }),
    ...(agent_id === '' ? {} : { agentId: agent_id }),
  }))
}
