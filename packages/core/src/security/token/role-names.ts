import { InvalidOptionError, requireText } from '../../errors/index.ts'
import { HUMAN_ROLES } from '../rbac/role.ts'

const MAX_ROLES = 1000

/**
 * The roles that tokens may name; without `roles` those of the role table.
 * @throws InvalidOptionError `INVALID_OPTION` unless there are 1 to 1000, each a text of 1 to 64 characters.
 */
export function roleNames(roles: readonly string[] = HUMAN_ROLES, option = 'roles'): ReadonlySet<string> {
  if (!Array.isArray(roles) || roles.length < 1 || roles.length > MAX_ROLES)
    throw new InvalidOptionError(option, `1 to ${MAX_ROLES} names`, roles)
  return new Set(roles.map((role) => requireText(option, role, 64)))
}
