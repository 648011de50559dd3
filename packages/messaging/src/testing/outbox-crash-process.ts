/**
 * A process that dies at a chosen point: `node outbox-crash-process.ts <folder> <log> <when> <first>`. It commits ten
 * orders with their events, numbered from `first`, publishes into the file `log`, and kills itself with SIGKILL.
 */
import { appendFileSync } from 'node:fs'
import { createEvent, SqlEventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import { OutboxRelay } from '../outbox/outbox-relay.ts'
import { openPglite } from './messaging-databases.ts'
import { RecordingBroker } from './recording-broker.ts'

const [folder = '', log = '', when = '', first = '0'] = process.argv.slice(2)
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

const { database } = await openPglite(folder)
await database.script('CREATE TABLE IF NOT EXISTS orders (order_id text PRIMARY KEY)')
const outbox = new SqlEventOutbox()
const order = (id: string) => async (tx: SqlTransaction) => {
  await tx.query('INSERT INTO orders (order_id) VALUES ($1)', [id])
  await outbox.append(tx, [
    createEvent(
      { id, source: 'test', type: 'order.placed', subject: id, tenantId: 'acme', data: {} },
      new Date(),
    ),
  ])
  if (when === 'before-commit' && id.endsWith('5')) await die()
}
for (let number = Number(first); number < Number(first) + 10; number++)
  await database.transaction(order(`o-${number}`))
if (when === 'before-publish') await die()

let published = 0
const broker = new RecordingBroker()
broker.onPublish = async (event) => {
  if (when === 'amid-publish' && published === 4) await die()
  appendFileSync(log, `${event.id}\n`)
  published++
}
// The relay's second statement marks what was published: dying there, the broker has all and the outbox knows of none.
let statements = 0
const dyingDatabase: SqlDatabase = {
  capabilities: database.capabilities,
  query: async (text, values) =>
    when === 'before-mark' && statements++ === 1 ? die() : database.query(text, values),
  script: (text) => database.script(text),
  transaction: (run) => database.transaction(run),
  session: (run) => database.session(run),
}
await new OutboxRelay({ database: dyingDatabase, broker, maxConcurrent: 1 }).runOnce()
await die()
