import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger } from '@golden-arch/core/observability'
import { type StartedService, startNats, startPostgres, startRedis } from '@golden-arch/testkit'
import { type OpenedDatabase, openDatabase } from '../../open-database.ts'
import { type ScriptedModelProcess, startScriptedModelProcess } from './scripted-model-process.ts'

/** The servers that a system needs, all of our own, so that they can be killed. */
export interface ChaosServices {
  /** By name, in the order in which they are killed. */
  readonly servers: readonly StartedService[]
  readonly postgres: StartedService
  readonly redis: StartedService
  readonly nats: StartedService
  readonly model: ScriptedModelProcess
  /** Ours alone, for looking; its schema is up to date. */
  readonly opened: OpenedDatabase
  stop(): Promise<void>
}

const POLL_MS = 250

/** How each server is started; by default one of its kind. */
export interface ServiceStarters {
  readonly postgres?: () => Promise<StartedService>
  readonly redis?: () => Promise<StartedService>
  readonly nats?: () => Promise<StartedService>
}

/** Starts all of them. The model gets `modelArguments`. */
export async function startChaosServices(
  modelArguments: readonly string[],
  start: ServiceStarters = {},
): Promise<ChaosServices> {
  const stops: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  const started = async (service: Promise<StartedService>): Promise<StartedService> => {
    const running = await service
    stops.push(() => running.stop())
    return running
  }
  try {
    const [postgres, redis, nats] = [
      await started((start.postgres ?? startPostgres)()),
      await started((start.redis ?? startRedis)()),
      await started((start.nats ?? startNats)()),
    ]
    const model = await startScriptedModelProcess(...modelArguments)
    stops.push(() => model.stop())
    const opened = await openDatabase({ url: postgres.address, folder: '' }, silentLogger, { migrates: true })
    stops.push(() => opened.close())
    return { servers: [redis, nats, postgres], postgres, redis, nats, model, opened, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Kills a server and starts it anew that many milliseconds later, on the same port and data. */
export async function restartAfter(server: StartedService, downMs: number): Promise<void> {
  await server.kill()
  await delay(downMs)
  await server.restart()
}

/** Looks, through any outage, until nothing waits any more. What still does when the signal fires. */
export async function untilNothingWaits(
  look: () => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let waiting: readonly string[] = ['everything']
  while (!signal.aborted) {
    waiting = await look().catch((error: unknown) => [`nobody could look: ${error}`])
    if (waiting.length === 0) return []
    await delay(POLL_MS)
  }
  return waiting
}
