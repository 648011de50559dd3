import { InvalidOptionError, requireOneOf } from '../../errors/index.ts'
import { PERMISSIONS, type Permission } from './permission.ts'
import { ROLE_TABLE, type RoleGrants, type RoleTable, reachOf, roleGrants } from './role-table.ts'

/** A role beside the built-in ones: a subset of the permissions of the role that grants it. */
export interface CustomRole {
  /** 1 to 64 characters: `a` to `z`, digits and single hyphens within, beginning with a letter. Not a built-in role's. */
  readonly name: string
  /** The role whose holder gave it: a built-in one, or a custom role that stands before this one. */
  readonly grantedBy: string
  /** What it may do: nothing that its grantor may not. */
  readonly permissions: readonly Permission[]
  /** Those of them that reach one's own things only; at least those that do for the grantor. Default: none. */
  readonly ownOnly?: readonly Permission[]
}

const NAME = /^(?=.{1,64}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const MAX_CUSTOM_ROLES = 200

/**
 * The built-in roles with `customRoles` beside them, at most 200. Build it once at the start and pass it on.
 * @throws InvalidOptionError `INVALID_OPTION` on a name that is none, is built in or stands twice, on an unknown
 * grantor or permission, and on a role that would exceed its grantor.
 */
export function extendRoleTable(customRoles: readonly CustomRole[]): RoleTable {
  if (!Array.isArray(customRoles) || customRoles.length > MAX_CUSTOM_ROLES)
    throw new InvalidOptionError('customRoles', `an array of at most ${MAX_CUSTOM_ROLES} roles`, customRoles)
  const table: Record<string, RoleGrants> = { ...ROLE_TABLE }
  for (const [index, role] of customRoles.entries()) {
    const option = `customRoles[${index}]`
    const name = requireNewName(`${option}.name`, role?.name, table)
    table[name] = grantsOf(option, role, table)
  }
  return Object.freeze(table)
}

function requireNewName(option: string, name: unknown, table: RoleTable): string {
  if (typeof name !== 'string' || !NAME.test(name))
    throw new InvalidOptionError(option, '1 to 64 lower-case letters, digits and single hyphens', name)
  if (Object.hasOwn(table, name)) throw new InvalidOptionError(option, 'a name that no other role has', name)
  return name
}

function grantsOf(option: string, role: CustomRole, table: RoleTable): RoleGrants {
  const grantor = requireOneOf(`${option}.grantedBy`, role.grantedBy, Object.keys(table))
  const permissions = requirePermissions(`${option}.permissions`, role.permissions)
  const ownOnly = requirePermissions(`${option}.ownOnly`, role.ownOnly ?? [])
  for (const one of ownOnly) requireOneOf(`${option}.ownOnly`, one, permissions)
  for (const one of permissions) {
    const reach = reachOf(grantor, one, table)
    if (reach === 'none')
      throw new InvalidOptionError(`${option}.permissions`, `permissions of ${grantor}, its grantor`, one)
    if (reach === 'own' && !ownOnly.includes(one))
      throw new InvalidOptionError(`${option}.ownOnly`, `own-only where ${grantor}, its grantor, is`, one)
  }
  return roleGrants(permissions, ownOnly)
}

function requirePermissions(option: string, permissions: unknown): readonly Permission[] {
  if (!Array.isArray(permissions))
    throw new InvalidOptionError(option, 'an array of permissions', permissions)
  const known = permissions.map((one) => requireOneOf(option, one, PERMISSIONS))
  if (new Set(known).size !== known.length)
    throw new InvalidOptionError(option, 'permissions that stand once each', permissions)
  return known
}
