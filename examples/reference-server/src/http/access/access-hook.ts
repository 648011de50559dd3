import { isGoldenError } from '@golden-arch/core/errors'
import type { AccessResource, Permission, Principal } from '@golden-arch/core/security'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { failureOf, HttpError } from '../http-error.ts'
import type { Caller } from './caller.ts'
import type { RequestLimits } from './request-limits.ts'
import './route-access.ts'
import { isSystemPermission } from './system-access.ts'

/** Who judges callers. */
export interface Authority {
  /** @throws SecurityError `TOKEN_EXPIRED` or `TOKEN_INVALID`, or an error that is no verdict on the token. */
  verify(token: string): Promise<Principal>
  /**
   * How far the permission reaches.
   * @throws AccessError `PERMISSION_DENIED` where the caller lacks it, `RESOURCE_NOT_FOUND` where it does not reach the
   * resource; the denial is on record by then.
   */
  permit(
    principal: Principal,
    permission: Permission,
    requestId: string,
    resource?: AccessResource,
  ): Promise<'all' | 'own'>
}

/** What the check of requests works with. */
export interface AccessHookOptions {
  readonly authority: Authority
  readonly limits: RequestLimits
  /** Tenant of those who run the system. */
  readonly homeTenantId: string
}

const BEARER = /^Bearer ([\w.~+/=-]+)$/i

const ENCODED_NUL = '%00'

/**
 * Adds the check of each request before its body is read: the limit of whoever calls, the token, the permission of the
 * route. Anonymous calls and refused tokens count against the address. A NUL in the URL is refused for all routes: no
 * name that is stored holds one, and PostgreSQL takes none. What concerns the system is for callers of `homeTenantId` alone.
 */
export function addAccessHook(
  app: FastifyInstance,
  { authority, limits, homeTenantId }: AccessHookOptions,
): void {
  app.decorateRequest('caller', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const { permission, isOfSystem } = request.routeOptions.config
    if (permission === undefined && !(request.is404 && request.headers.authorization !== undefined)) {
      await limits.takeAnonymous(request, reply)
      refuseNul(request)
      return
    }
    const principal = await authenticate(authority, limits, request, reply)
    await limits.take(principal, request, reply)
    refuseNul(request)
    if (permission === undefined) return
    const permit = await authority.permit(principal, permission, request.id)
    const caller = callerWith({ authority, homeTenantId, principal, permit, requestId: request.id })
    if (isOfSystem === true || isSystemPermission(permission)) await caller.requireOfSystem(permission)
    request.caller = caller
  })
}

interface CallerParts extends Pick<AccessHookOptions, 'authority' | 'homeTenantId'> {
  readonly principal: Principal
  readonly permit: Caller['permit']
  readonly requestId: string
}

function callerWith({ authority, homeTenantId, principal, permit, requestId }: CallerParts): Caller {
  const require: Caller['require'] = async (wanted, resource) => {
    await authority.permit(principal, wanted, requestId, resource)
  }
  const reaches: Caller['reaches'] = async (wanted, resource) => {
    try {
      await require(wanted, resource)
      return true
    } catch (error) {
      if (isGoldenError(error, 'RESOURCE_NOT_FOUND')) return false
      throw error
    }
  }
  const requireOfSystem: Caller['requireOfSystem'] = async (wanted) => {
    if (principal.tenantId === homeTenantId) {
      // Of no resource: what is of the system has no owner, so one would be nobody's to whom a permission reaches their own.
      await authority.permit(principal, wanted, requestId)
      return
    }
    // Puts the denial on record.
    await reaches(wanted, { kind: 'system', id: wanted, tenantId: homeTenantId })
    throw new HttpError(
      403,
      'PERMISSION_DENIED',
      'this concerns the system: it is for the home tenant alone',
      {
        permission: wanted,
        role: principal.role,
      },
    )
  }
  return { principal, permit, reaches, require, requireOfSystem }
}

function refuseNul({ raw }: FastifyRequest): void {
  if (raw.url?.includes(ENCODED_NUL) === true) {
    throw new HttpError(400, 'URL_FORBIDDEN_TEXT', 'the URL may not hold NUL')
  }
}

async function authenticate(
  authority: Authority,
  limits: RequestLimits,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal> {
  try {
    if (request.headers.authorization === undefined) {
      throw new HttpError(401, 'TOKEN_MISSING', 'a bearer token is needed')
    }
    const token = bearerOf(request)
    if (token === undefined) throw new HttpError(401, 'TOKEN_INVALID', 'the token is not accepted')
    return await authority.verify(token)
  } catch (error) {
    // Whoever guesses tokens is stopped by address: 429 in the place of a further 401.
    if (failureOf(error).status === 401) await limits.takeAnonymous(request, reply)
    throw error
  }
}

/** The token of a request, whether it is good or not; undefined without one. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1]
}
