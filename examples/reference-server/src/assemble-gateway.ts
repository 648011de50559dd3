import { randomBytes } from 'node:crypto'
import { AuditLinker, AuditWriter } from '@golden-arch/core/audit'
import type { Logger, Metrics } from '@golden-arch/core/observability'
import { AccessControl } from '@golden-arch/core/security'
import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import type { Registry } from 'prom-client'
import type { Configuration } from './configuration.ts'
import { createGateway } from './http/gateway.ts'
import { createLocalAuthority } from './http/local-authority.ts'
import { addAuditRoutes } from './http/routes/audit-routes.ts'
import { addAuthRoutes } from './http/routes/auth-routes.ts'
import { addStatusPage } from './http/routes/status-page.ts'
import { addSystemRoutes } from './http/routes/system-routes.ts'
import { addTaskRoutes } from './http/routes/task-routes.ts'
import { openRateLimits } from './open-rate-limits.ts'
import type { System } from './system.ts'

/** What the gateway is assembled from. */
export interface GatewayParts {
  readonly configuration: Configuration
  readonly system: System
  readonly redis: Redis | undefined
  readonly logger: Logger
  readonly metrics: Metrics
  readonly registry: Registry
  /** Tenant of the administrator. */
  readonly tenantId: string
  readonly version: string
}

/** The gateway with all its routes, and who may sign in at first. */
export async function assembleGateway(parts: GatewayParts): Promise<{
  readonly app: FastifyInstance
  readonly signIn: { readonly username: string; readonly password: string }
}> {
  const { configuration, system, redis, logger, metrics, registry, version } = parts
  const { database } = system
  const signIn = { username: 'admin', password: randomBytes(12).toString('base64url') }
  const authority = await createLocalAuthority({
    users: [{ name: signIn.username, password: signIn.password, role: 'admin', tenantId: parts.tenantId }],
    issuer: configuration.JWT_ISSUER,
    audience: configuration.JWT_AUDIENCE,
    access: new AccessControl({ audit: new AuditWriter({ database, metrics }), metrics, logger }),
  })
  const app = await createGateway({
    authority,
    requestLimits: openRateLimits(configuration, redis, { logger, metrics }),
    headers: {
      corsOrigins: configuration.CORS_ORIGINS,
      corsCredentials: configuration.CORS_CREDENTIALS === 'true',
      hasTlsInFront: configuration.TLS_IN_FRONT === 'true',
    },
    logger,
  })
  addAuthRoutes(app, authority)
  addSystemRoutes(app, { system, redis, registry, version })
  addTaskRoutes(app, { database, machine: system.machine, intake: system.intake })
  addAuditRoutes(app, { database, linker: new AuditLinker({ database, logger, metrics }), metrics })
  addStatusPage(app)
  return { app, signIn }
}
