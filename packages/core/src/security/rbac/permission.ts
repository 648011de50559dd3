/**
 * What a person may be allowed. Reading budgets, breakers and metrics goes with `task:read`, rollback with
 * `prompt:approve`, configuration and users with `system:manage`.
 */
export const PERMISSIONS = [
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

/** One thing that a person may be allowed. */
export type Permission = (typeof PERMISSIONS)[number]
