import type { AccessRequest, AccessResource } from './access-request.ts'
import { HUMAN_ONLY_PERMISSIONS, type Permission, type PermissionReach } from './permission.ts'
import type { Principal } from './principal.ts'
import { ROLE_TABLE, type RoleTable, reachOf } from './role-table.ts'

/**
 * Why an act is refused: the role lacks the permission; only a person may; the resource belongs to another tenant; it
 * belongs to somebody else and the permission reaches one's own only; or the policy engine gave no answer.
 */
export type DenialReason = 'no-permission' | 'needs-human' | 'foreign' | 'not-owner' | 'policy-unavailable'

/** The answer of the rules. `scope` says whether a list must be narrowed to the principal's own things. */
export type AccessDecision =
  | { readonly allowed: true; readonly scope: 'all' | 'own' }
  | { readonly allowed: false; readonly reason: DenialReason }

const ALLOWED = {
  all: Object.freeze({ allowed: true, scope: 'all' }),
  own: Object.freeze({ allowed: true, scope: 'own' }),
} as const

/**
 * What follows from how far a permission reaches, by default as the table of built-in roles says. Who lacks the
 * permission hears so, whatever the resource; who has it learns nothing of another tenant's things.
 */
export function decideAccess(
  { principal, permission, resource }: AccessRequest,
  reach: PermissionReach = reachOf(principal.role, permission),
): AccessDecision {
  if (reach !== 'all' && reach !== 'own') return denied('no-permission')
  if (principal.kind !== 'human' && HUMAN_ONLY_PERMISSIONS.includes(permission)) return denied('needs-human')
  if (resource === undefined) return ALLOWED[reach]
  if (resource.tenantId !== principal.tenantId) return denied('foreign')
  const isOwn = resource.ownerId !== undefined && resource.ownerId === principal.id
  return reach === 'own' && !isOwn ? denied('not-owner') : ALLOWED[reach]
}

/**
 * Whether `principal` may do what `permission` names, to `resource` where the act is on one thing: the yes or no of
 * {@link decideAccess}. Without a resource, as for a list, also ask {@link decideAccess} for the scope.
 */
export function can(
  principal: Principal,
  permission: Permission,
  resource?: AccessResource,
  roles: RoleTable = ROLE_TABLE,
): boolean {
  const request = resource === undefined ? { principal, permission } : { principal, permission, resource }
  return decideAccess(request, reachOf(principal.role, permission, roles)).allowed
}

function denied(reason: DenialReason): AccessDecision {
  return { allowed: false, reason }
}
