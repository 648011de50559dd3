/** A queue worker that loses nothing: what fails is tried again, what cannot succeed is kept, and sent again once it can. */
import { setTimeout } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import { Migrator, readPackageMigrations } from '@golden-arch/core/migrate'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { ack, DeadLetterQueue, EventConsumer, EventPublisher, retryAfter } from '@golden-arch/messaging'
import { SqlBroker } from '@golden-arch/messaging/sql'
import { z } from 'zod'

// The queue: PostgreSQL in this process. On a server: new PgDatabase({ pool }), or JetStreamBroker on NATS.
const database = await PgliteDatabase.open({ create: () => PGlite.create() })
const migrations = await readPackageMigrations(import.meta.resolve('@golden-arch/messaging/package.json'))
await new Migrator({ database, migrations }).up({ modules: ['messaging'] })
const broker = new SqlBroker({ database })
await broker.ensure([{ stream: 'INVOICES', subjects: ['invoice.>'] }])

// Publishing resolves once the event is stored; the same id again is stored once.
const tenantId = 'acme'
const events = new EventPublisher({ broker, source: 'shop' })
const invoices = {
  'invoice-1': { to: 'ada@example.com', cents: 1200 },
  'invoice-2': { to: 'bob@slow.example', cents: 900 },
  'invoice-3': { to: 'eve@example.com', cents: 0 },
  'invoice-4': { cents: 500 },
}
for (const [id, data] of Object.entries(invoices)) {
  await events.publish({ id, type: 'invoice.due', tenantId, data })
}

// The worker. In an app: `await worker.run(send, { signal })` in as many processes as there is work for.
const worker = new EventConsumer({
  broker,
  stream: 'INVOICES',
  durable: 'mailer',
  schema: z.object({ to: z.email(), cents: z.number().int() }),
  retry: { maxAttempts: 3, initialDelayMs: 10 },
})
const sent = new Map<string, number>()
let hasBug = true

async function workUntil(isDone: () => Promise<boolean>): Promise<void> {
  const stopping = new AbortController()
  const run = worker.run(
    async ({ event, attempt }) => {
      const { to, cents } = event.data
      if (to.endsWith('@slow.example') && attempt === 1) return retryAfter(10, 'their mail server is busy')
      if (cents === 0 && hasBug) throw new RangeError('a discount of Infinity')
      sent.set(event.id, attempt)
      return ack()
    },
    { signal: stopping.signal },
  )
  while (!(await isDone())) await setTimeout(20)
  stopping.abort()
  await run
}

const queue = new DeadLetterQueue({ broker, database })
const unresolved = async () => (await queue.count({ tenantId })).unresolved
const find = async (id: string) =>
  (await queue.list({ tenantId, status: 'open' })).items.find(({ messageId }) => messageId === id)

await workUntil(async () => sent.size === 2 && (await unresolved()) === 2)
for (const id of Object.keys(invoices)) {
  const dead = await find(id)
  if (dead === undefined) console.log(`${id}: sent at attempt ${sent.get(id)}`)
  else console.log(`${id}: given up after ${dead.attempts} attempts, ${dead.error}`)
}

// A person looks at what was given up: one kind of failure is mended and sent again, the other is settled.
const actor = { id: 'ada', kind: 'human' } as const
const [buggy, addressless] = [await find('invoice-3'), await find('invoice-4')]
if (buggy === undefined || addressless === undefined) throw new Error('a dead letter was lost')
hasBug = false
await queue.redrive({ tenantId, actor, select: { fingerprint: buggy.fingerprint } })
await queue.resolve({ tenantId, actor, dlqId: addressless.dlqId, reason: 'called them, they pay by card' })
await workUntil(async () => sent.size === 3)

console.log(`\nafter the fix, invoice-3: sent at attempt ${sent.get('invoice-3')}`)
console.log(`dead letters that nobody has settled: ${await unresolved()}`)

await broker.close({ drainTimeoutMs: 1000 })
await database.close()
