/**
 * Proves on a nats-server and a PostgreSQL of its own that the outbox neither loses nor invents an event: services that
 * commit orders with their events and relay them to JetStream are killed at moments nobody chose, and the nats-server
 * once. Then each committed order has its event in the stream, and each event its order. Prints figures; exit code 1
 * otherwise. A first argument of 0 to 1 scales the numbers down.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createPostgresSchema, startNats, startPostgres } from '@golden-arch/testkit'
import pg from 'pg'
import { PgDatabase } from '../../packages/core/src/storage/index.ts'
import {
  openJetStream,
  until,
} from '../../packages/messaging/src/adapters/jetstream/testing/jetstream-namespace.ts'
import type { OutboxProcessSettings } from '../../packages/messaging/src/adapters/jetstream/testing/outbox-process.ts'
import { OutboxRelay } from '../../packages/messaging/src/outbox/outbox-relay.ts'
import { prepareMessaging } from '../../packages/messaging/src/testing/messaging-databases.ts'

const scale = Number(process.argv[2] ?? '1')
const KILLS = Math.max(3, Math.round(20 * scale))
const PROCESS = fileURLToPath(
  new URL('../../packages/messaging/src/adapters/jetstream/testing/outbox-process.ts', import.meta.url),
)

const nats = await startNats()
const postgres = await startPostgres()
const schema = await createPostgresSchema(postgres.address)
const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
const database = new PgDatabase({ pool })
await prepareMessaging(database)
await database.script('CREATE TABLE orders (order_id text PRIMARY KEY)')
const space = await openJetStream(nats.address)
const broker = space.broker()
await broker.ensure([space.stream])

async function ids(text: string): Promise<Set<string>> {
  const { rows } = await database.query<{ id: string }>(text)
  return new Set(rows.map(({ id }) => id))
}

function start(kill: number): ChildProcess {
  const settings: OutboxProcessSettings = {
    nats: nats.address,
    pool: schema.poolConfig,
    type: space.subject('placed'),
    prefix: `p-${kill}`,
  }
  return spawn(process.execPath, ['--conditions=golden-arch-source', PROCESS, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

const waitingAtKills: number[] = []
for (let kill = 0; kill < KILLS; kill++) {
  const before = (await ids('SELECT event_id AS id FROM outbox WHERE published_at IS NOT NULL')).size
  const child = start(kill)
  // Some work, of another amount each time, so that the kill meets other moments.
  await until(async () => {
    const published = await ids('SELECT event_id AS id FROM outbox WHERE published_at IS NOT NULL')
    return published.size >= before + 40 + ((kill * 37) % 60)
  })
  if (kill === 1) {
    await nats.kill()
    await nats.restart()
  }
  child.kill('SIGKILL')
  await once(child, 'close')
  waitingAtKills.push((await ids('SELECT event_id AS id FROM outbox WHERE published_at IS NULL')).size)
}

const relay = new OutboxRelay({ database, broker })
await until(async () => {
  await relay.runOnce().catch(() => {})
  return (await ids('SELECT event_id AS id FROM outbox WHERE published_at IS NULL')).size === 0
})

const orders = await ids('SELECT order_id AS id FROM orders')
const stored = new Map<string, number>()
const subscription = await broker.subscribe(
  { stream: space.stream.stream, durable: 'reader', prefetch: 200, leaseMs: 30_000, maxAttempts: 5 },
  async (delivery) => {
    const id = delivery.message.messageId ?? ''
    stored.set(id, (stored.get(id) ?? 0) + 1)
    await delivery.settle({ kind: 'ack' })
  },
)
await until(async () => (await subscription.pending()) === 0)
const lost = [...orders].filter((id) => !stored.has(id)).length
const phantom = [...stored.keys()].filter((id) => !orders.has(id)).length
const twice = [...stored.values()].filter((count) => count > 1).length
console.table({
  'outbox to JetStream': {
    kills: KILLS,
    'committed orders': orders.size,
    'waiting at kills': waitingAtKills.reduce((sum, count) => sum + count, 0),
    lost,
    phantom,
    twice,
  },
})
if (lost > 0 || phantom > 0) {
  console.log(`WRONG: ${lost} lost, ${phantom} phantom`)
  process.exitCode = 1
}
await broker.close({ drainTimeoutMs: 5000 })
await space.close()
await pool.end()
await postgres.stop()
await nats.stop()
