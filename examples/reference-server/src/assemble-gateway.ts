import { AuditLinker, AuditWriter, SqlAuditLog } from '@golden-arch/core/audit'
import type { Logger, Metrics } from '@golden-arch/core/observability'
import { SqlUserStore, type UserStore } from '@golden-arch/core/security'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import type { Registry } from 'prom-client'
import { type Reach, reachOnce } from './await-dependency.ts'
import { type Configuration, secretsOf } from './configuration.ts'
import type { Health } from './health.ts'
import { BreakerBoard } from './http/breaker-board.ts'
import { addConsole } from './http/console/add-console.ts'
import type { AnswerPolicy } from './http/documentation/schema-compilers.ts'
import { createGateway } from './http/gateway.ts'
import { addActivityRoutes } from './http/routes/activity-routes.ts'
import { addAuditRoutes } from './http/routes/audit-routes.ts'
import { addAuthRoutes } from './http/routes/auth-routes.ts'
import { addBreakerRoutes } from './http/routes/breaker-routes.ts'
import { addBudgetRoutes } from './http/routes/budget-routes.ts'
import { addBudgetTreeRoutes } from './http/routes/budget-tree-routes.ts'
import { addDeadLetterRoutes } from './http/routes/dead-letter-routes.ts'
import { addPeopleRoutes } from './http/routes/people-routes.ts'
import { addStatsRoutes } from './http/routes/stats-routes.ts'
import { addStatusPage } from './http/routes/status-page.ts'
import { addSystemRoutes } from './http/routes/system-routes.ts'
import { addSystemStateRoutes } from './http/routes/system-state-routes.ts'
import { addTaskRoutes } from './http/routes/task-routes.ts'
import { addTaskWorkRoutes } from './http/routes/task-work-routes.ts'
import { addTaskEvents } from './http/task-events/add-task-events.ts'
import { bootstrapAdmin } from './identity/bootstrap-admin.ts'
import { Identity } from './identity/identity.ts'
import { openIdentityKeys } from './identity/identity-keys.ts'
import { openAuditCheckpoints } from './open-audit-checkpoints.ts'
import { openRateLimits } from './open-rate-limits.ts'
import { serverRedactor } from './server-redactor.ts'
import type { SharedParts } from './shared-parts.ts'

/** What the gateway is assembled from. */
export interface GatewayParts {
  readonly configuration: Configuration
  readonly system: SharedParts
  readonly health: Health
  readonly redis: Redis | undefined
  readonly logger: Logger
  readonly metrics: Metrics
  readonly registry: Registry
  /** Tenant of the administrator: the home tenant. */
  readonly tenantId: string
  readonly version: string
  /** Where the time of tries to sign in, and of what is read of the signing keys, comes from. Default the system clock. */
  readonly clock?: Clock
  /** What becomes of an answer that is not as documented. Default trusted. */
  readonly answers?: AnswerPolicy
  /** How the database is asked for the first time. Default: once. */
  readonly reach?: Reach
}

/** Name and password of the first administrator. */
export interface SignIn {
  readonly username: string
  readonly password: string
}

/** The gateway with all its routes. */
export interface AssembledGateway {
  readonly app: FastifyInstance
  readonly identity: Identity
  readonly users: UserStore
  /** Gives the entries of the audit log their place in its chain while it runs. */
  readonly linker: AuditLinker
  /** Rotates the signing keys when it is time, until the signal fires. */
  rotateKeys(signal: AbortSignal): Promise<void>
  /** Who may sign in at first. */
  readonly signIn: SignIn
  /** Writes what is gathered; call it when the app is closed. */
  close(): Promise<void>
}

/** Assembles the gateway and makes its administrator. */
export async function assembleGateway(parts: GatewayParts): Promise<AssembledGateway> {
  const {
    configuration,
    system,
    health,
    redis,
    logger,
    metrics,
    registry,
    tenantId,
    version,
    clock = systemClock,
    reach = reachOnce,
  } = parts
  const { database } = system
  const checkpoints = await openAuditCheckpoints(configuration)
  const users = new SqlUserStore({ database, audit: new SqlAuditLog() })
  const audit = new AuditWriter({ database, metrics })
  const isAlone = configuration.DATABASE_URL === undefined
  const keys = await reach('the database', () =>
    openIdentityKeys({ configuration, database, isAlone, logger, clock }),
  )
  const identity = new Identity({
    configuration,
    keys,
    users,
    database,
    isAlone,
    redis,
    audit,
    tenantId,
    logger,
    metrics,
    clock,
  })
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD } = configuration
  const resets = configuration.ADMIN_PASSWORD_RESET === 'true'
  let tries = 0
  const admin = await reach('the database', () => {
    tries++
    return bootstrapAdmin({ users, tenantId, name: username, password: ADMIN_PASSWORD, resets })
  })
  // A try that was cut off may have changed the password before the last one found it as it is to be.
  const mayHaveChanged = tries > 1 && (resets || ADMIN_PASSWORD === undefined)
  if (admin.isChanged || mayHaveChanged) await reach('the database', () => identity.endSessions(admin.user))
  if (!admin.isInForce) {
    logger.warn(
      { user: username },
      'the administrator was changed since: ADMIN_PASSWORD does not sign in, and ADMIN_PASSWORD_RESET=true would let it again',
    )
  }
  const requestLimits = openRateLimits(configuration, redis, { logger, metrics })
  const hasTlsInFront = configuration.TLS_IN_FRONT === 'true'
  const app = await createGateway({
    authority: identity,
    requestLimits,
    homeTenantId: tenantId,
    headers: {
      corsOrigins: configuration.CORS_ORIGINS,
      corsCredentials: configuration.CORS_CREDENTIALS === 'true',
      hasTlsInFront,
    },
    telemetry: { metrics, tracer: system.tracer },
    logger,
    version,
    answers: parts.answers ?? 'trusted',
  })
  addAuthRoutes(app, { identity, requestLimits, hasTlsInFront })
  addSystemRoutes(app, { health, registry, version })
  const { TASK_TIMEOUT_MS: taskTimeoutMs } = configuration
  addTaskRoutes(app, {
    ...{ database, metrics, taskTimeoutMs, clock },
    machine: system.machine,
    budgets: system.budgets,
    intake: system.intake,
  })
  await addTaskEvents(app, { database, authority: identity, logger })
  const { budgets, deadLetters, breakers } = system
  const board = new BreakerBoard({ registry: breakers, database })
  addBudgetRoutes(app, { budgets, database })
  addBudgetTreeRoutes(app, { budgets })
  addTaskWorkRoutes(app, { database })
  addActivityRoutes(app, { database })
  addDeadLetterRoutes(app, { deadLetters, redactor: serverRedactor(secretsOf(configuration)) })
  addBreakerRoutes(app, { registry: breakers, board, database, audit: system.audit })
  addStatsRoutes(app, { database, deadLetters, board })
  await addPeopleRoutes(app, system)
  // Checkpoints are the supervisor's to write.
  const linker = new AuditLinker({ database, logger, metrics })
  addAuditRoutes(app, { database, linker, checkpoints, metrics })
  addSystemStateRoutes(app, { database, keys, homeTenantId: tenantId, version })
  addStatusPage(app)
  await addConsole(app)
  return {
    app,
    identity,
    users,
    linker,
    rotateKeys: (signal) => keys.rotate(signal),
    signIn: { username, password: admin.password },
    close: async () => {
      await identity.close()
      await audit.close()
    },
  }
}
