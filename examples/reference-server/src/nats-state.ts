import type { SqlExecutor } from '@golden-arch/core/storage'
import { type Clock, systemClock, withDeadline } from '@golden-arch/core/time'

/** What is asked of a connection to NATS: that it answers. */
export interface AskedConnection {
  rtt(): Promise<number>
}

const LAGS_AFTER_MS = 60_000
/** Less than the whole look may take: a database that hangs must not make it late. */
const DATABASE_TIMEOUT_MS = 2000

/**
 * Resolves while NATS answers and takes what waits for it. One whose disk is full answers as well as any, and stores
 * nothing: an event of the outbox that has waited for a minute tells. Rejects otherwise.
 */
export async function askNats(
  connection: AskedConnection,
  database: Pick<SqlExecutor, 'query'>,
  clock: Clock = systemClock,
): Promise<void> {
  await connection.rtt()
  const oldest = withDeadline({ timeoutMs: DATABASE_TIMEOUT_MS, clock }, (signal) =>
    database.query<{ waited_ms: number }>(
      `SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 * 1000 AS waited_ms FROM outbox
        WHERE published_at IS NULL ORDER BY position LIMIT 1`,
      [],
      { signal },
    ),
  )
  // A database that does not answer says nothing of NATS, and is told of by itself.
  const { rows } = await oldest.catch(() => ({ rows: [] }))
  const waitedMs = rows[0]?.waited_ms ?? 0
  if (waitedMs > LAGS_AFTER_MS) throw new Error(`an event has waited for ${Math.round(waitedMs)} ms`)
}
