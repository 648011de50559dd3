import { PERMISSIONS, type Permission, type PermissionReach } from './permission.ts'
import type { HumanRole } from './role.ts'

/** What a role grants. */
export interface RoleGrants {
  readonly permissions: readonly Permission[]
  /** Those of them that reach the principal's own things only. */
  readonly ownOnly: readonly Permission[]
}

/** Roles by name. Only own members count, so that `constructor` is no role. */
export type RoleTable = Readonly<Record<string, RoleGrants>>

const NOT_FOR_OPERATORS: readonly Permission[] = ['system:manage', 'dlq:manage', 'breaker:manage']

/** What each built-in role grants. Frozen to its depth. */
export const ROLE_TABLE: Readonly<Record<HumanRole, RoleGrants>> = Object.freeze({
  admin: roleGrants(PERMISSIONS),
  operator: roleGrants(PERMISSIONS.filter((one) => !NOT_FOR_OPERATORS.includes(one))),
  developer: roleGrants(
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
  observer: roleGrants(['task:read', 'agent:read', 'prompt:read', 'dlq:read']),
  anonymous: roleGrants([]),
})

/** Grants that nobody can change. */
export function roleGrants(
  permissions: readonly Permission[],
  ownOnly: readonly Permission[] = [],
): RoleGrants {
  return Object.freeze({ permissions: Object.freeze([...permissions]), ownOnly: Object.freeze([...ownOnly]) })
}

/** How far `permission` reaches for a role of `roles`, by default of the built-in ones; an unknown role has nothing. */
export function reachOf(
  role: string,
  permission: Permission,
  roles: RoleTable = ROLE_TABLE,
): PermissionReach {
  const grants = Object.hasOwn(roles, role) ? roles[role] : undefined
  if (grants?.permissions.includes(permission) !== true) return 'none'
  return grants.ownOnly.includes(permission) ? 'own' : 'all'
}
