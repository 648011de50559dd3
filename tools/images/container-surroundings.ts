import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  type StartedService,
  startNats,
  startPostgres,
  startRedis,
  temporaryFolder,
} from '@golden-arch/testkit'
import type Docker from 'dockerode'
import {
  type ScriptedModelProcess,
  startScriptedModelProcess,
} from '../../examples/reference-server/src/testing/chaos/scripted-model-process.ts'
import { openToNetwork } from './open-to-network.ts'
import { writeSecrets } from './secret-files.ts'
import type { ServerPlace } from './server-containers.ts'

/** What containers of the server work with: a network of an engine, and on this machine its stores and the scripted model. */
export interface ContainerSurroundings {
  readonly postgres: StartedService
  readonly redis: StartedService
  readonly nats: StartedService
  readonly model: ScriptedModelProcess
  /** Of the administrator. */
  readonly password: string
  /** What the containers are made with, but for their image. */
  readonly place: Omit<ServerPlace, 'image'>
  close(): Promise<void>
}

const NETWORK = 'golden-architecture'
/** The group that pods read secrets as. */
const GROUP = 10001

/** Starts all of it; the model gets `modelArguments`. Nothing is left behind when that fails. */
export async function openSurroundings(
  docker: Docker,
  modelArguments: readonly string[],
): Promise<ContainerSurroundings> {
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one()
  }
  const opened = async <T>(starting: Promise<T>, end: (it: T) => Promise<unknown>): Promise<T> => {
    const it = await starting
    closing.push(() => end(it))
    return it
  }
  try {
    const postgres = await opened(startPostgres(), (it) => it.stop())
    const redis = await opened(startRedis(), (it) => it.stop())
    const nats = await opened(startNats(), (it) => it.stop())
    const model = await opened(startScriptedModelProcess(...modelArguments), (it) => it.stop())
    const creating = docker.createNetwork({ Name: NETWORK, Driver: 'bridge' })
    const network = await opened(creating, (it) => it.remove())
    const host = String((await network.inspect()).IPAM?.Config?.[0]?.Gateway)
    const reachable = async (address: string): Promise<string> => {
      const url = new URL(address)
      const { port } = await opened(openToNetwork(host, Number(url.port)), (it) => it.close())
      return address.replace(url.host, `${host}:${port}`)
    }
    const folder = await opened(temporaryFolder('images'), (it) => it.remove())
    const password = randomBytes(12).toString('base64url')
    const DATABASE_URL = await reachable(postgres.address)
    const [REDIS_URL, NATS_URL] = [await reachable(redis.address), await reachable(nats.address)]
    writeSecrets(folder.path, GROUP, {
      stores: { DATABASE_URL, REDIS_URL, NATS_URL },
      migrations: { DATABASE_URL },
      gateway: { KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'), ADMIN_PASSWORD: password },
      models: { MODEL_API_KEY: model.apiKey },
    })
    const variables = {
      MODEL_BASE_URL: await reachable(model.baseUrl),
      MODEL_NAME: 'scripted',
      RATE_LIMITS: 'admin=100000,anonymous=100000',
      LOG_LEVEL: 'warn',
    }
    const place = { network: NETWORK, secretFolder: (name: string) => join(folder.path, name), variables }
    return { postgres, redis, nats, model, password, place, close }
  } catch (error) {
    await close()
    throw error
  }
}
