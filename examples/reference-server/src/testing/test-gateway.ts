import { silentLogger } from '@golden-arch/core/observability'
import { reachOf } from '@golden-arch/core/security'
import type { FastifyInstance } from 'fastify'
import type { Authority } from '../http/access/access-hook.ts'
import type { RequestLimits } from '../http/access/request-limits.ts'
import { createGateway, type GatewayOptions } from '../http/gateway.ts'
import { HttpError } from '../http/http-error.ts'

/** An authority that believes every token: `tenant.role.name`. */
const CREDULOUS_AUTHORITY: Authority = {
  verify: async (token) => {
    const [tenantId = '', role = '', id = ''] = token.split('.')
    if (id === '') throw new HttpError(401, 'TOKEN_INVALID', 'the token is not accepted')
    return { id, kind: 'human', role, tenantId }
  },
  permit: async ({ role }, permission) => {
    const reach = reachOf(role, permission)
    if (reach !== 'none') return reach
    throw new HttpError(403, 'PERMISSION_DENIED', `role ${role} lacks ${permission}`)
  },
}

/** Limits that let every call pass. */
export const NO_LIMITS: RequestLimits = {
  take: async () => undefined,
  takeAnonymous: async () => undefined,
  addressOf: () => '127.0.0.1',
  isProxy: () => false,
}

/** A gateway on a free port, without a system behind it. */
export interface TestGateway {
  readonly app: FastifyInstance
  readonly address: string
  stop(): Promise<void>
}

/** Starts a gateway with the routes that `addRoutes` adds; its tokens are `tenant.role.name`, and it believes each. */
export async function startTestGateway(
  addRoutes: (app: FastifyInstance) => void,
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const app = await createGateway({
    authority: CREDULOUS_AUTHORITY,
    requestLimits: NO_LIMITS,
    homeTenantId: 'home',
    headers: { corsOrigins: [], corsCredentials: false, hasTlsInFront: false },
    logger: silentLogger,
    answers: 'checked',
    ...options,
  })
  addRoutes(app)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, address, stop: () => app.close() }
}
