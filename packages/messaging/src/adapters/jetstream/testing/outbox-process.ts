/**
 * A service to be killed: `node outbox-process.ts <settings>`, the settings as JSON. It commits orders, each with its
 * event in the outbox, rolls every fifth one back, and relays the outbox to JetStream meanwhile.
 */
import { createEvent, SqlEventOutbox } from '@golden-arch/core/events'
import { PgDatabase } from '@golden-arch/core/storage'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { OutboxRelay } from '../../../outbox/outbox-relay.ts'
import { JetStreamBroker } from '../jetstream-broker.ts'

/** What the process is told. */
export interface OutboxProcessSettings {
  readonly nats: string
  readonly pool: object
  /** Type of the events, a subject of the stream. */
  readonly type: string
  /** First part of the ids, other in each process. */
  readonly prefix: string
}

// The one who starts the process writes them.
const { nats, pool, type, prefix } = JSON.parse(process.argv[2] ?? '{}') as OutboxProcessSettings
const database = new PgDatabase({ pool: new pg.Pool({ ...pool, max: 8 }) })
const broker = new JetStreamBroker({ connection: await connect({ servers: nats }) })
const outbox = new SqlEventOutbox()
const relay = new OutboxRelay({ database, broker, maxBatchLength: 50, publishTimeoutMs: 900, leaseMs: 1000 })

const place = async (writer: number): Promise<void> => {
  for (let number = 0; ; number++) {
    const id = `${prefix}/${writer}/${number}`
    const event = createEvent(
      { id, source: 'proof', type, subject: id, tenantId: 'acme', data: {} },
      new Date(),
    )
    await database
      .transaction(async (tx) => {
        await tx.query('INSERT INTO orders (order_id) VALUES ($1)', [id])
        await outbox.append(tx, [event])
        if (number % 5 === 4) throw new Error('rolled back')
      })
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== 'rolled back') throw error
      })
  }
}
await Promise.all([
  relay.run({ signal: new AbortController().signal }),
  ...Array.from({ length: 4 }, (_, index) => place(index)),
])
