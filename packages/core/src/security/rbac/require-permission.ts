import { requireFunction, requireMethods, withDefaults } from '../../errors/index.ts'
import type { AccessControl } from './access-control.ts'
import type { AccessResource } from './access-request.ts'
import type { Permission } from './permission.ts'
import type { Principal } from './principal.ts'

/** What {@link requirePermission} guards a function with. */
export interface RequirePermissionOptions<Args extends readonly unknown[]> {
  /** Decides, and records refusals. */
  readonly access: AccessControl
  /** What the principal must be allowed. */
  readonly permission: Permission
  /** Finds what the call is on, from its arguments; undefined for a call on no single thing. Default undefined. */
  readonly resource?:
    | ((...args: Args) => AccessResource | undefined | Promise<AccessResource | undefined>)
    | undefined
}

const DEFAULTS = Object.freeze({ access: undefined, permission: undefined, resource: undefined })

/**
 * A function that runs `work` only for a principal who may: the principal comes first among its arguments.
 * @throws what {@link AccessControl.require} throws, before `work` has begun; then what `work` throws.
 */
export function requirePermission<Args extends readonly unknown[], Result>(
  options: RequirePermissionOptions<Args>,
  work: (principal: Principal, ...args: Args) => Result | Promise<Result>,
): (principal: Principal, ...args: Args) => Promise<Result> {
  const { access, permission, resource } = withDefaults<RequirePermissionOptions<Args>, typeof DEFAULTS>(
    options,
    DEFAULTS,
  )
  requireMethods('access', access, ['require'])
  requireFunction('work', work)
  return async (principal, ...args) => {
    await access.require(principal, permission, await resource?.(...args))
    return work(principal, ...args)
  }
}
