import { PgDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, randomName } from '@golden-arch/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { JetStreamBroker } from '../../../packages/messaging/src/adapters/jetstream/index.ts'
import { SqlAttemptStore } from '../../../packages/messaging/src/adapters/sql/index.ts'
import { Inbox } from '../../../packages/messaging/src/index.ts'
import type { Contender, OpenContender } from '../contender.ts'
import { createGoldenTables } from './golden-tables.ts'
import { DURABLE, type GoldenWork, goldenWork } from './golden-work.ts'

/** Where deliveries are the attempts, as they are by default, no more is in hand than is handled. */
const CONCURRENCY = 256

/** This package on JetStream, inbox off. */
export const goldenJetStream: Contender = {
  name: 'JetStreamBroker',
  durability: 'process crash',
  jobs: 20_000,
  open: ({ nats }) => open(nats),
}

/** The same where the server syncs always. */
export const goldenJetStreamAlways: Contender = {
  name: 'JetStreamBroker, sync always',
  durability: 'power loss',
  jobs: 6000,
  open: ({ natsAlways }) => open(natsAlways, {}, 'power-loss'),
}

/** Starts of handlers counted in PostgreSQL, which allows more in hand than is handled. */
export const goldenJetStreamCounted: Contender = {
  name: 'JetStreamBroker, SQL attempts',
  durability: 'process crash',
  jobs: 10_000,
  open: ({ nats, postgres }) =>
    openWith(nats, postgres, (database) => ({
      attempts: new SqlAttemptStore({ database }),
      prefetch: 2 * CONCURRENCY,
    })),
}

/** Each job handled in a transaction of PostgreSQL that marks it as received. */
export const goldenJetStreamInbox: Contender = {
  name: 'JetStreamBroker, inbox on',
  durability: 'process crash',
  jobs: 4000,
  open: ({ nats, postgres }) => openWith(nats, postgres, (database) => ({ inbox: new Inbox({ database }) })),
}

type Extras = Partial<Pick<GoldenWork, 'inbox' | 'attempts' | 'prefetch'>>

async function openWith(
  nats: string,
  postgres: string,
  extrasOn: (database: SqlDatabase) => Extras,
): Promise<OpenContender> {
  const { poolConfig, drop } = await createPostgresSchema(postgres)
  const pool = new pg.Pool({ ...poolConfig, max: 20 })
  const database = new PgDatabase({ pool })
  await createGoldenTables(database)
  const opened = await open(nats, extrasOn(database))
  return {
    ...opened,
    async close() {
      await opened.close()
      await pool.end()
      await drop()
    },
  }
}

async function open(
  address: string,
  extras: Extras = {},
  durability: 'process-crash' | 'power-loss' = 'process-crash',
): Promise<OpenContender> {
  const connection = await connect({ servers: address })
  const name = randomName('bench').replaceAll(/[^A-Za-z0-9]/g, '_')
  const stream = `S_${name}`
  const names = {
    deadLetterStream: `D_${name}`,
    deadLetterSubject: `dlq_${name}`,
    advisoryStream: `A_${name}`,
  }
  const broker = new JetStreamBroker({ connection, durability, ...names })
  await broker.ensure([{ stream, subjects: [`${name}.>`] }])
  const manager = await jetstreamManager(connection)
  const bounds = { maxConcurrent: CONCURRENCY, prefetch: CONCURRENCY }
  return {
    ...goldenWork({ broker, stream, type: `${name}.job`, ...bounds, ...extras }),
    async left() {
      const { num_pending, num_ack_pending } = await manager.consumers.info(stream, DURABLE)
      return num_pending + num_ack_pending
    },
    async close() {
      for (const one of [stream, names.deadLetterStream, names.advisoryStream]) {
        await manager.streams.delete(one)
      }
      await connection.close()
    },
  }
}
