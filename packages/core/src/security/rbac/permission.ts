const NAMES = [
  'task:read',
  'task:create',
  'task:cancel',
  'agent:read',
  'agent:manage',
  'prompt:read',
  'prompt:propose',
  'prompt:approve',
  'review:vote',
  'escalation:resolve',
  'budget:use',
  'budget:manage',
  'dlq:read',
  'dlq:manage',
  'breaker:manage',
  'audit:read',
  'system:manage',
] as const

/** One thing that a principal may be allowed. */
export type Permission = (typeof NAMES)[number]

/**
 * All that a principal may be allowed. Reading budgets, breakers and metrics goes with `task:read`, rollback with
 * `prompt:approve`, configuration and users with `system:manage`.
 */
export const PERMISSIONS: readonly Permission[] = Object.freeze([...NAMES])

/** How far a permission reaches: everything in the principal's tenant, what is the principal's own, or nothing. */
export type PermissionReach = 'all' | 'own' | 'none'

/** What only a person may do: an agent or a service is refused even where its role has the permission. */
export const HUMAN_ONLY_PERMISSIONS: readonly Permission[] = Object.freeze([
  'prompt:approve',
  'escalation:resolve',
  'system:manage',
])
