import {
  type AlertSink,
  combineAlertSinks,
  LogAlertSink,
  type Logger,
  type Metrics,
  silentTracer,
  type Tracer,
  WebhookAlertSink,
} from '@golden-arch/core/observability'
import { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import { JetStreamBroker } from '@golden-arch/messaging/jetstream'
import promClient from 'prom-client'
import { awaitDependency, type Reach } from './await-dependency.ts'
import type { Configuration } from './configuration.ts'
import { Health } from './health.ts'
import { askNats } from './nats-state.ts'
import { openBreakers } from './open-breakers.ts'
import { databaseLocation, type OpenedDatabase, openDatabase } from './open-database.ts'
import { modelPrices } from './open-model.ts'
import { openNats } from './open-nats.ts'
import { openRedis } from './open-redis.ts'
import type { ServerContext } from './server-context.ts'
import { runsCodeAlone } from './server-role.ts'
import { SERVER_VERSION } from './server-version.ts'
import { assembleSharedParts, sqlBroker } from './shared-parts.ts'
import { openMetrics } from './telemetry/open-metrics.ts'
import { startWatchListener } from './watch-listener.ts'

/** A context and its end. */
export interface OpenedContext {
  readonly context: ServerContext
  /** Closes what was opened, the last one first. */
  close(): Promise<void>
}

/** The tenant of the administrator, and of what the system does for itself. */
export const TENANT = 'default'
const PROJECT = 'coding-tasks'
const PROJECT_LIMIT_TOKENS = 2_000_000
const TASK_LIMIT_TOKENS = 40_000
const CLOSE_TIMEOUT_MS = 5000

/** Opens what the services work with, and waits for the servers that they need. */
export async function openServerContext(
  configuration: Configuration,
  logger: Logger,
  tracer: Tracer = silentTracer,
): Promise<OpenedContext> {
  const closers = new Closers(logger)
  try {
    return {
      context: await open({ configuration, logger, tracer }, closers),
      close: () => closers.closeAll(),
    }
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}

/** What is given to what is opened. */
interface Surroundings {
  readonly configuration: Configuration
  readonly logger: Logger
  readonly tracer: Tracer
}

async function open(
  { configuration, logger, tracer }: Surroundings,
  closers: Closers,
): Promise<ServerContext> {
  const { DATABASE_URL, REDIS_URL, NATS_URL, NATS_CREDENTIALS } = configuration
  const replicas = configuration.NATS_STREAM_REPLICAS
  const registry = new promClient.Registry()
  const metrics = openMetrics(registry)
  const reach: Reach = (name, attempt) =>
    awaitDependency({ name, timeoutMs: configuration.START_TIMEOUT_MS, logger }, attempt)
  const location = databaseLocation(configuration)
  const openIt = (): Promise<OpenedDatabase> =>
    openDatabase(location, logger, { migrates: configuration.MIGRATE === 'true' })
  // A folder does not come by waiting.
  const opened = DATABASE_URL === undefined ? await openIt() : await reach('the database', openIt)
  closers.add(() => opened.close())
  const { database, isExclusive } = opened
  const isNarrow = runsCodeAlone(configuration.ROLES)
  const redis = REDIS_URL === undefined || isNarrow ? undefined : openRedis(REDIS_URL, logger)
  closers.add(async () => redis?.disconnect())
  const connection =
    NATS_URL === undefined
      ? undefined
      : await reach('NATS', () => openNats({ url: NATS_URL, credentials: NATS_CREDENTIALS }, logger))
  closers.add(async () => connection?.close())
  const alerts = openAlerts(configuration, logger, metrics, closers)
  const jetstream =
    connection === undefined ? undefined : new JetStreamBroker({ connection, replicas, alerts, logger })
  const broker = jetstream ?? sqlBroker({ database, logger, tenantId: TENANT })
  closers.add(async () => void (await broker.close({ drainTimeoutMs: CLOSE_TIMEOUT_MS })))
  // Code of models calls nobody, so its process needs no breaker that others know of.
  const breakers = isNarrow
    ? new CircuitBreakerRegistry({ logger, metrics })
    : openBreakers({
        ...{ database, isExclusive, redis, logger, metrics },
        redisPrefix: configuration.REDIS_PREFIX,
      })
  await breakers.start()
  closers.add(() => breakers.close())
  const parts = await assembleSharedParts({
    ...{ database, logger, metrics, tracer, alerts, broker, breakers },
    tenantId: TENANT,
    projectId: PROJECT,
    projectLimitTokens: PROJECT_LIMIT_TOKENS,
    taskLimitTokens: TASK_LIMIT_TOKENS,
    taskQuota: {
      maxOpen: configuration.TASKS_OPEN_PER_TENANT ?? null,
      maxRunning: configuration.TASKS_RUNNING_PER_TENANT ?? null,
    },
    prices: modelPrices(configuration),
    isPreparing: !isNarrow,
    reach,
  })
  const health = new Health({
    database: (signal) => database.query('SELECT 1', [], { signal }),
    redis: redis === undefined ? undefined : () => redis.ping(),
    nats: connection === undefined ? undefined : () => askNats(connection, database),
  })
  const watch =
    configuration.METRICS_PORT === undefined
      ? undefined
      : await startWatchListener({
          host: configuration.HOST,
          port: configuration.METRICS_PORT,
          health,
          registry,
        })
  closers.add(async () => watch?.close())
  return {
    ...parts,
    watchAddress: watch?.address,
    ...{ health, configuration, redis, jetstream, registry, isExclusive, reach },
    version: SERVER_VERSION,
    roles: configuration.ROLES,
    tenantId: TENANT,
    projectId: PROJECT,
    closeLater: (close) => closers.add(close),
  }
}

/** The log, and the webhook where there is one. */
function openAlerts(
  { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret }: Configuration,
  logger: Logger,
  metrics: Metrics,
  closers: Closers,
): AlertSink {
  const log = new LogAlertSink({ logger })
  if (url === undefined || secret === undefined) return log
  const webhook = new WebhookAlertSink({ url, secret, logger, metrics })
  closers.add(async () => void (await webhook.close({ drainTimeoutMs: CLOSE_TIMEOUT_MS })))
  return combineAlertSinks([log, webhook])
}

/** What is to be closed. One that fails keeps no other open. */
class Closers {
  readonly #logger: Logger
  readonly #closers: (() => Promise<void>)[] = []

  constructor(logger: Logger) {
    this.#logger = logger
  }

  add(close: () => Promise<void>): void {
    this.#closers.push(close)
  }

  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close().catch((error: unknown) => this.#logger.warn({ err: error }, 'closing failed'))
    }
  }
}
