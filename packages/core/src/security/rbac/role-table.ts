import { PERMISSIONS, type Permission } from './permission.ts'
import type { HumanRole } from './role.ts'

/** What a role grants. */
export interface RoleGrants {
  readonly permissions: readonly Permission[]
  /** Those of them that hold for the person's own tasks only. */
  readonly ownOnly: readonly Permission[]
}

const NOT_FOR_OPERATORS: readonly Permission[] = ['system:manage', 'dlq:manage', 'breaker:manage']

/** What each role grants. */
export const ROLE_TABLE: Readonly<Record<HumanRole, RoleGrants>> = Object.freeze({
  admin: grants(PERMISSIONS),
  operator: grants(PERMISSIONS.filter((one) => !NOT_FOR_OPERATORS.includes(one))),
  developer: grants(
    [
      'task:read',
      'task:create',
      'task:cancel',
      'agent:read',
      'prompt:read',
      'prompt:propose',
      'review:vote',
      'budget:use',
    ],
    ['task:read', 'task:create', 'task:cancel'],
  ),
  observer: grants(['task:read', 'agent:read', 'prompt:read', 'dlq:read']),
  anonymous: grants([]),
})

function grants(permissions: readonly Permission[], ownOnly: readonly Permission[] = []): RoleGrants {
  return Object.freeze({ permissions: Object.freeze([...permissions]), ownOnly: Object.freeze([...ownOnly]) })
}
