import { InvalidOptionError, requireText } from '../../errors/index.ts'
import { HUMAN_ROLES } from '../rbac/role.ts'
import type { RoleTable } from '../rbac/role-table.ts'

const MAX_ROLES = 1000

/**
 * The roles that tokens may name, listed or in a table; without `roles` the built-in ones.
 * @throws InvalidOptionError `INVALID_OPTION` unless there are 1 to 1000, each a text of 1 to 64 characters.
 */
export function roleNames(
  roles: readonly string[] | RoleTable = HUMAN_ROLES,
  option = 'roles',
): ReadonlySet<string> {
  const names: unknown =
    typeof roles === 'object' && roles !== null && !Array.isArray(roles) ? Object.keys(roles) : roles
  if (!Array.isArray(names) || names.length < 1 || names.length > MAX_ROLES)
    throw new InvalidOptionError(option, `1 to ${MAX_ROLES} names`, roles)
  return new Set(names.map((role) => requireText(option, role, 64)))
}
