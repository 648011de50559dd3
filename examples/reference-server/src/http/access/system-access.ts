import type { Permission } from '@golden-arch/core/security'

/**
 * What concerns the system and no tenant, whatever the role says: the circuits that all tenants' calls pass, and what the
 * platform grants. The role of a person speaks of his tenant, so only those of the home tenant have these.
 */
const SYSTEM_PERMISSIONS: ReadonlySet<Permission> = new Set(['breaker:manage', 'system:manage'])

/** Whether only people of the home tenant may have this permission. */
export function isSystemPermission(permission: Permission): boolean {
  return SYSTEM_PERMISSIONS.has(permission)
}
