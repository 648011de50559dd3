import { type StartedService, startNats, startPostgres, startRedis } from '@golden-arch/testkit'
import pg from 'pg'
import { childrenOf, processorTimeOf } from '../processor-time.ts'
import type { Services } from './contender.ts'

/** Microseconds of processor time, since some start. */
export interface ProcessorTimes {
  readonly node: number
  /** Of the servers where they are children of this process, and not containers; otherwise 0. */
  readonly servers: number
}

/** The servers of a run. */
export interface Servers {
  readonly addresses: Services
  /** Their names and versions. */
  readonly title: string
  processorTimes(): ProcessorTimes
  /** Writes what PostgreSQL holds dirty, so that no round pays for the one before it. */
  settle(): Promise<void>
  stop(): Promise<void>
}

/** Starts PostgreSQL with fsync, and Redis and NATS once as they are and once waiting for the disk. */
export async function startServers(): Promise<Servers> {
  const started: StartedService[] = []
  const keep = async (starting: Promise<StartedService>): Promise<StartedService> => {
    const one = await starting
    started.push(one)
    return one
  }
  const stop = async (): Promise<void> => void (await Promise.all(started.map((one) => one.stop())))
  try {
    const postgres = await keep(startPostgres({ fsync: true }))
    const redis = await keep(startRedis())
    const redisAlways = await keep(startRedis({ fsync: true }))
    const nats = await keep(startNats())
    const natsAlways = await keep(startNats({ fsync: true }))
    const pids = childrenOf(process.pid)
    return {
      addresses: {
        postgres: postgres.address,
        redis: redis.address,
        redisAlways: redisAlways.address,
        nats: nats.address,
        natsAlways: natsAlways.address,
      },
      title: `PostgreSQL ${postgres.version}, Redis ${redis.version}, nats-server ${nats.version}`,
      processorTimes() {
        const { user, system } = process.cpuUsage()
        return { node: user + system, servers: processorTimeOf(pids) - user - system }
      },
      async settle() {
        const client = new pg.Client({ connectionString: postgres.address })
        await client.connect()
        await client.query('CHECKPOINT')
        await client.end()
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
