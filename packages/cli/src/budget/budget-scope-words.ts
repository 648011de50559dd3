import type { BudgetScope } from '@golden-arch/budget'
import { CliError } from '../cli-error.ts'

/** Options that name a budget. */
export const SCOPE = {
  tenant: { type: 'string' },
  project: { type: 'string' },
  task: { type: 'string' },
  agent: { type: 'string' },
} as const

/** {@link SCOPE}, as given. */
export type GivenScope = { readonly [Name in keyof typeof SCOPE]?: string | undefined }

/**
 * The scope that the options name.
 * @throws CliError `USAGE` without a tenant, or with a task or agent and no project.
 */
export function scopeOf({ tenant, project, task, agent }: GivenScope): BudgetScope {
  if (tenant === undefined) throw CliError.usage('--tenant is needed')
  if (project === undefined && (task ?? agent) !== undefined) {
    throw CliError.usage('--task and --agent need a --project')
  }
  return { tenantId: tenant, projectId: project, taskId: task, agentId: agent }
}

/** A scope in a line: its ids from wide to narrow. */
export function scopeText({ tenantId, projectId, taskId, agentId }: BudgetScope): string {
  return [tenantId, projectId, taskId, agentId].filter((id) => id !== undefined).join(' / ')
}
