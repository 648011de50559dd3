import { join } from 'node:path'
import { type Logger, PromClientMetrics } from '@golden-arch/core/observability'
import { sleep } from '@golden-arch/core/time'
import promClient from 'prom-client'
import { assembleGateway } from './assemble-gateway.ts'
import { type Configuration, requireOwnSecrets } from './configuration.ts'
import type { Identity } from './identity/identity.ts'
import { openDatabase } from './open-database.ts'
import { openRedis } from './open-redis.ts'
import { Recording } from './scripted-model/recording.ts'
import { startScriptedModel } from './scripted-model/scripted-model-server.ts'
import { assembleSystem, type System } from './system.ts'

/** A server that runs. */
export interface RunningServer {
  readonly address: string
  /** The demo user's name and password, made anew at each start. */
  readonly signIn: { readonly username: string; readonly password: string }
  /** Takes no more requests, lets running work stop at its next step, and closes all it opened. */
  stop(): Promise<void>
}

const TENANT = 'demo'
const PROJECT = 'coding-tasks'
const PROJECT_LIMIT_TOKENS = 2_000_000
const TASK_LIMIT_TOKENS = 40_000
const CONCURRENCY = 4
const SWEEP_INTERVAL_MS = 30_000
const RECORDING = join(import.meta.dirname, '..', 'demo')
const VERSION = '0.1.0'

/**
 * Starts the reference server: the gateway, the runner, the relay, the audit linker, the rotation of keys and the
 * sweeper, in this process.
 */
export async function serve(configuration: Configuration, logger: Logger): Promise<RunningServer> {
  requireOwnSecrets(configuration)
  const registry = new promClient.Registry()
  const metrics = new PromClientMetrics({ registry, promClient })
  const stopping = new AbortController()
  const closers: (() => Promise<void>)[] = []
  const closeAll = async (): Promise<void> => {
    stopping.abort()
    for (const close of closers.reverse()) await close()
  }
  try {
    const location = { url: configuration.DATABASE_URL, folder: join(configuration.DATA_DIR, 'database') }
    const opened = await openDatabase(location, logger)
    closers.push(() => opened.close())
    const { endpoint, close } = await findModel(configuration)
    closers.push(close)
    const system = await assembleSystem({
      database: opened.database,
      endpoint,
      logger,
      metrics,
      tenantId: TENANT,
      projectId: PROJECT,
      projectLimitTokens: PROJECT_LIMIT_TOKENS,
      taskLimitTokens: TASK_LIMIT_TOKENS,
      concurrency: CONCURRENCY,
    })
    closers.push(() => system.close())
    const { signal } = stopping
    const redis =
      configuration.REDIS_URL === undefined ? undefined : openRedis(configuration.REDIS_URL, logger)
    closers.push(async () => redis?.disconnect())
    const gateway = await assembleGateway({
      configuration,
      system,
      redis,
      logger,
      metrics,
      registry,
      tenantId: TENANT,
      version: VERSION,
    })
    closers.push(() => gateway.close())
    const loops = [
      system.work(signal),
      system.relayEvents(signal),
      gateway.linker.run({ signal }),
      gateway.rotateKeys(signal),
      sweep(system, gateway.identity, signal, logger),
    ]
    closers.push(async () => {
      await Promise.all(loops)
    })
    closers.push(() => gateway.app.close())
    const address = await gateway.app.listen({ host: configuration.HOST, port: configuration.PORT })
    return { address, signIn: gateway.signIn, stop: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function findModel(configuration: Configuration): Promise<{
  endpoint: { baseUrl: string; apiKey: string; model: string }
  close: () => Promise<void>
}> {
  const model = configuration.MODEL_NAME
  if (configuration.MODEL_BASE_URL !== undefined) {
    const { MODEL_BASE_URL: baseUrl, MODEL_API_KEY: apiKey } = configuration
    return { endpoint: { baseUrl, apiKey, model }, close: async () => undefined }
  }
  const scripted = await startScriptedModel(Recording.read(RECORDING))
  return {
    endpoint: { baseUrl: scripted.baseUrl, apiKey: scripted.apiKey, model },
    close: () => scripted.stop(),
  }
}

/** Gives back holds whose time has passed and forgets sessions that have ended, until the signal fires. */
async function sweep(system: System, identity: Identity, signal: AbortSignal, logger: Logger): Promise<void> {
  while (!signal.aborted) {
    try {
      await system.budgets.sweepExpired({ signal })
      await identity.forgetEnded()
      await sleep(SWEEP_INTERVAL_MS, { signal })
    } catch (error) {
      if (signal.aborted) return
      logger.error({ err: error }, 'sweeping what has ended failed')
      await sleep(SWEEP_INTERVAL_MS, { signal }).catch(() => undefined)
    }
  }
}
