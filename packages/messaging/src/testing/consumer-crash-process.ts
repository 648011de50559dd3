/**
 * A process that consumes: `node consumer-crash-process.ts <pool configuration> <stream> <dies after>`. It has the effect
 * of each message once, writes down each start of its handler, dies by SIGKILL on the message `poison` and on its
 * `dies after`th start (0: never), and ends with exit code 0 once the stream is settled.
 */
import { PgDatabase } from '@golden-arch/core/storage'
import pg from 'pg'
import { Inbox } from '../adapters/sql/inbox.ts'
import { SqlBroker } from '../adapters/sql/sql-broker.ts'
import { EventConsumer } from '../consumer/event-consumer.ts'
import { ack } from '../decision.ts'

const [configuration = '', stream = '', diesAfter = '0'] = process.argv.slice(2)
const pool = new pg.Pool({ ...JSON.parse(configuration), max: 8 })
const database = new PgDatabase({ pool })
const broker = new SqlBroker({ database, pollIntervalMs: 50 })
const consumer = new EventConsumer({
  broker,
  stream,
  durable: 'hub',
  inbox: new Inbox({ database }),
  maxConcurrent: 8,
  prefetch: 500,
  leaseMs: 3000,
})
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

let starts = 0
const stopping = new AbortController()
const running = consumer.run(
  async ({ event, once }) => {
    starts++
    if (event.id.endsWith('poison') || starts === Number(diesAfter)) await die()
    await once((tx) =>
      tx.query('INSERT INTO effects (stream, message_id) VALUES ($1, $2)', [stream, event.id]),
    )
    return ack()
  },
  { signal: stopping.signal },
)
running.catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
for (;;) {
  const { rows } = await database.query<{ left: bigint }>(
    'SELECT count(*) AS left FROM message_deliveries WHERE stream = $1',
    [stream],
  )
  if (rows[0]?.left === 0n) break
  // The end of the work is only to be seen in the database, which tells nobody of deletions.
  await new Promise((resolve) => setTimeout(resolve, 50))
}
stopping.abort()
await running
await broker.close({ drainTimeoutMs: 0 })
await pool.end()
