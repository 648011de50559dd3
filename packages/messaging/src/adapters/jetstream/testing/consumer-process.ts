/**
 * A consumer to be killed: `node consumer-process.ts <settings>`, the settings as JSON. Each event becomes a row of the
 * table `effects`, once by the inbox; an event whose data say so kills the process. Prints one line when it runs.
 */
import { PgDatabase } from '@golden-arch/core/storage'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { EventConsumer } from '../../../consumer/event-consumer.ts'
import { ack } from '../../../decision.ts'
import type { EventHandler } from '../../../delivery.ts'
import { Inbox } from '../../sql/inbox.ts'
import { JetStreamBroker } from '../jetstream-broker.ts'

/** What the process is told. */
export interface ConsumerProcessSettings {
  readonly nats: string
  readonly pool: object
  readonly stream: string
  readonly prefetch: number
  readonly leaseMs: number
  readonly names: {
    readonly deadLetterStream: string
    readonly deadLetterSubject: string
    readonly advisoryStream: string
  }
}

// The one who starts the process writes them.
const settings = JSON.parse(process.argv[2] ?? '{}') as ConsumerProcessSettings
const connection = await connect({ servers: settings.nats })
const database = new PgDatabase({ pool: new pg.Pool({ ...settings.pool, max: 8 }) })
const consumer = new EventConsumer<{ isPoison?: boolean }>({
  broker: new JetStreamBroker({ connection, ...settings.names }),
  stream: settings.stream,
  durable: 'hub',
  inbox: new Inbox({ database }),
  maxConcurrent: 8,
  prefetch: settings.prefetch,
  leaseMs: settings.leaseMs,
  retry: { maxAttempts: 5, initialDelayMs: 10, maxDelayMs: 100 },
})
console.log('consuming')
const handle: EventHandler<{ isPoison?: boolean }> = async ({ event, once }) => {
  if (event.data.isPoison === true) process.kill(process.pid, 'SIGKILL')
  await once(async (tx) => {
    await tx.query('INSERT INTO effects (event_id) VALUES ($1)', [event.id])
  })
  return ack()
}
// Until it is killed.
await consumer.run(handle, { signal: new AbortController().signal })
