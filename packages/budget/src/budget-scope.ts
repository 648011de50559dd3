import { InvalidOptionError, requireObject, requireText } from '@golden-arch/core/errors'

/**
 * What a budget covers, from wide to narrow: a tenant; one of its projects; a task or an agent of the project; an
 * agent within a task. A limit holds for every request that names all of its ids.
 */
export interface BudgetScope {
  /** 1 to 128 characters. */
  readonly tenantId: string
  /** 1 to 128 characters. Absent: the whole tenant. */
  readonly projectId?: string | undefined
  /** 1 to 256 characters; needs a project. Absent: every task. */
  readonly taskId?: string | undefined
  /** 1 to 256 characters; needs a project. Absent: every agent. */
  readonly agentId?: string | undefined
}

/** How narrow a scope is: named after the narrowest id it holds. */
export type BudgetLevel = 'tenant' | 'project' | 'task' | 'agent'

/** The level of `scope`. */
export function levelOf(scope: BudgetScope): BudgetLevel {
  if (scope.agentId !== undefined) return 'agent'
  if (scope.taskId !== undefined) return 'task'
  return scope.projectId === undefined ? 'tenant' : 'project'
}

/**
 * Returns `scope` with nothing but its own ids, each checked.
 * @throws InvalidOptionError `INVALID_OPTION` on an empty or over-long id, or a task or agent without a project.
 */
export function requireScope(scope: BudgetScope): BudgetScope {
  const { projectId, taskId, agentId } = requireObject('scope', scope)
  if (projectId === undefined && (taskId !== undefined || agentId !== undefined)) {
    throw new InvalidOptionError('projectId', 'given where taskId or agentId is', projectId)
  }
  return {
    tenantId: requireId('tenantId', scope.tenantId, 128),
    ...(projectId === undefined ? {} : { projectId: requireId('projectId', projectId, 128) }),
    ...(taskId === undefined ? {} : { taskId: requireId('taskId', taskId, 256) }),
    ...(agentId === undefined ? {} : { agentId: requireId('agentId', agentId, 256) }),
  }
}

/**
 * Returns `value` if it is an id of 1 to `maxLength` characters. Text that is not well-formed Unicode is refused,
 * because two such ids would be stored as the same one.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireId(option: string, value: unknown, maxLength: number): string {
  return requireText(option, value, maxLength)
}
