import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { parentOf, processorTimeOf } from '../processor-time.ts'

/** Counters of the servers that contenders work on. */
export interface ServerWatch {
  /** Processor time of this process and the servers, in microseconds. */
  processorTime(): number
  /** Waits until no connection but this one is left: only then has PostgreSQL counted all that they did. */
  connectionsEnded(): Promise<void>
  /** Times that PostgreSQL waited for its log to be on disk. */
  logFlushes(): Promise<number>
  /** Writes what is dirty, so that no round pays for the one before it. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Watches the servers at these addresses, which must run on this machine for their processor time to be seen. */
export async function watchServers(postgresAddress: string, redisAddress: string): Promise<ServerWatch> {
  const client = new pg.Client({ connectionString: postgresAddress, application_name: 'watch' })
  await client.connect()
  const redis = new Redis(redisAddress)
  const backend = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const postmaster = parentOf(backend.rows[0]?.pid ?? 0)
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1])
  const pids = [postmaster, redisPid].filter((pid) => pid !== undefined)
  const { rows } = await client.query<{ kept: boolean }>(
    `SELECT count(*) > 0 AS kept FROM pg_attribute WHERE attrelid = 'pg_stat_wal'::regclass AND attname = 'wal_sync'`,
  )
  const flushes = rows[0]?.kept
    ? 'SELECT wal_sync AS count FROM pg_stat_wal'
    : `SELECT sum(fsyncs) AS count FROM pg_stat_io WHERE object = 'wal'`
  return {
    processorTime: () => processorTimeOf(pids),
    async connectionsEnded() {
      for (;;) {
        const others = await client.query(
          `SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'watch'`,
        )
        if (others.rowCount === 0) return
        await pause(20)
      }
    },
    async logFlushes() {
      const { rows: counted } = await client.query<{ count: string }>(flushes)
      return Number(counted[0]?.count)
    },
    async settle() {
      await client.query('CHECKPOINT')
    },
    async close() {
      await client.end()
      redis.disconnect()
    },
  }
}
