import type { Actor } from '@golden-arch/core/audit'
import type { AccessResource, Permission, Principal } from '@golden-arch/core/security'
import type { FastifyRequest } from 'fastify'

/** Who calls a route, and how far the permission of the route reaches. */
export interface Caller {
  readonly principal: Principal
  /** `own`: only what the caller made. */
  readonly permit: 'all' | 'own'
  /** Whether the permission reaches one thing; a denial is in the audit log and counted by then. */
  readonly reaches: (permission: Permission, resource: AccessResource) => Promise<boolean>
  /**
   * Resolves where the permission reaches one thing.
   * @throws AccessError `PERMISSION_DENIED`, `RESOURCE_NOT_FOUND`; the denial is on record by then.
   */
  readonly require: (permission: Permission, resource: AccessResource) => Promise<void>
  /**
   * Resolves where the caller is of the home tenant and has the permission: for what concerns other tenants too.
   * @throws AccessError or HttpError 403 `PERMISSION_DENIED`; the denial is on record by then.
   */
  readonly requireOfSystem: (permission: Permission) => Promise<void>
}

/** The caller of a route with a permission. Throws on a public route: it has none. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Error('a public route has no caller')
  return request.caller
}

/** The caller as those name him who write down who acted. */
export function actorOf(request: FastifyRequest): Actor {
  const { principal } = callerOf(request)
  return { id: principal.id, kind: principal.kind, requestId: request.id }
}
