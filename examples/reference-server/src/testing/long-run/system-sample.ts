import { silentLogger } from '@golden-arch/core/observability'
import { jetstreamManager } from '@nats-io/jetstream'
import { openNats } from '../../open-nats.ts'
import { openRedis } from '../../open-redis.ts'
import type { ChaosServices } from '../chaos/chaos-services.ts'
import { childNamed, processFigures } from './process-figures.ts'

/** What a look at the system found, by panel and the name of its curve there. What did not answer is absent. */
export type SystemSample = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Looks at a system through connections of its own. */
export interface SystemWatch {
  /** Never throws: what does not answer is absent. */
  look(): Promise<SystemSample>
  close(): Promise<void>
}

const BYTES_PER_MEBIBYTE = 1024 * 1024
const SERVERS = { PostgreSQL: 'postgres', Redis: 'redis-server', NATS: 'nats-server' } as const

const COUNTS = `
  SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
         (SELECT count(*) FROM task_steps WHERE state IN ('requested', 'running')) AS steps,
         (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS events,
         (SELECT count(*) FROM audit_unlinked) AS unlinked,
         (SELECT count(*) FROM dlq_messages) AS letters,
         (SELECT count(*) FROM tasks WHERE kind = 'root' AND status IN ('completed', 'escalated', 'waiting', 'failed')) AS settled,
         (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM updated_at - created_at))
            FROM tasks WHERE kind = 'root' AND status IN ('completed', 'escalated', 'waiting', 'failed')
                         AND updated_at > now() - interval '1 minute') AS seconds,
         pg_database_size(current_database()) AS bytes`

/** Opens what the looks need. The processes are those that `pids` names at each look. */
export async function watchSystem(
  { opened, redis, nats }: ChaosServices,
  pids: () => ReadonlyMap<string, number>,
): Promise<SystemWatch> {
  const redisClient = openRedis(redis.address, silentLogger)
  const natsConnection = await openNats({ url: nats.address }, silentLogger)
  const ofDatabase = async (): Promise<SystemSample> => {
    const { rows } = await opened.database.query<Readonly<Record<string, bigint | number | null>>>(COUNTS)
    const count = (name: string): number => Number(rows[0]?.[name])
    const seconds = rows[0]?.seconds ?? undefined
    return {
      connections: { PostgreSQL: count('connections') },
      waiting: {
        'steps of tasks': count('steps'),
        'events in the outbox': count('events'),
        'audit entries without a link': count('unlinked'),
      },
      'disk, MiB': { PostgreSQL: count('bytes') / BYTES_PER_MEBIBYTE },
      'a task, s': seconds === undefined ? {} : { 'median of the last minute': Number(seconds) },
      'done since the start': {
        'tasks that came to rest': count('settled'),
        'dead letters': count('letters'),
      },
    }
  }
  const ofRedis = async (): Promise<SystemSample> => {
    const text = await redisClient.info()
    const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1])
    return {
      connections: { Redis: field('connected_clients') },
      'memory, MiB': { 'data in Redis': field('used_memory') / BYTES_PER_MEBIBYTE },
    }
  }
  const ofNats = async (): Promise<SystemSample> => {
    const manager = await jetstreamManager(natsConnection)
    const { storage } = await manager.getAccountInfo()
    let unheard = 0
    for await (const { config } of manager.streams.list()) {
      for await (const { num_pending, num_ack_pending } of manager.consumers.list(config.name)) {
        unheard += num_pending + num_ack_pending
      }
    }
    return {
      waiting: { 'messages in JetStream': unheard },
      'disk, MiB': { JetStream: storage / BYTES_PER_MEBIBYTE },
    }
  }
  return {
    look: async () => {
      const answers = await Promise.allSettled([ofDatabase(), ofRedis(), ofNats()])
      return merged([
        ofProcesses(pids()),
        ...answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])),
      ])
    },
    close: async () => {
      redisClient.disconnect()
      await natsConnection.close()
    },
  }
}

function ofProcesses(pids: ReadonlyMap<string, number>): SystemSample {
  const all = [
    ...pids,
    ...Object.entries(SERVERS).map(([name, program]) => [name, childNamed(program)] as const),
  ]
  const memory: Record<string, number> = {}
  const handles: Record<string, number> = {}
  for (const [name, pid] of all) {
    const figures = pid === undefined ? undefined : processFigures(pid)
    if (figures === undefined) continue
    memory[name] = figures.memory
    handles[name] = figures.handles
  }
  const { PostgreSQL: ofPostgres, ...others } = handles
  return {
    'memory, MiB': memory,
    'file handles': others,
    // Each of its processes holds the files of the tables that it has read.
    'file handles of PostgreSQL': ofPostgres === undefined ? {} : { 'all its processes': ofPostgres },
  }
}

function merged(samples: readonly SystemSample[]): SystemSample {
  const all: Record<string, Record<string, number>> = {}
  for (const sample of samples) {
    for (const [panel, curves] of Object.entries(sample)) all[panel] = { ...all[panel], ...curves }
  }
  return all
}
