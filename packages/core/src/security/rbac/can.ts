import type { Permission } from './permission.ts'
import type { HumanRole } from './role.ts'
import { ROLE_TABLE } from './role-table.ts'

/** What is acted on. */
export interface PermissionTarget {
  /** Whether it belongs to the person who acts. */
  readonly isOwn: boolean
}

/**
 * Whether `role` has `permission`. Name the `target` wherever the act is on one that belongs to somebody: then a
 * permission for the person's own things only does not reach another's. Without a target, as for a list, narrow by
 * {@link ownOnly}.
 */
export function can(role: HumanRole, permission: Permission, target?: PermissionTarget): boolean {
  // A role out of untyped data may be no role at all: it can do nothing.
  const grants = Object.hasOwn(ROLE_TABLE, role) ? ROLE_TABLE[role] : undefined
  if (grants === undefined || !grants.permissions.includes(permission)) return false
  return target === undefined || target.isOwn || !grants.ownOnly.includes(permission)
}

/** Whether `role` has `permission` for the person's own things only. */
export function ownOnly(role: HumanRole, permission: Permission): boolean {
  return Object.hasOwn(ROLE_TABLE, role) && ROLE_TABLE[role].ownOnly.includes(permission)
}
