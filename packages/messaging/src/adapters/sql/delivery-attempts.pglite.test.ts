import { expect, test } from 'vitest'
import { openPglite } from '../../testing/messaging-databases.ts'
import { SqlBroker } from './sql-broker.ts'

test('a start is written out before its handler runs, where the database dies with the process', async () => {
  const { database, close } = await openPglite()
  const broker = new SqlBroker({ database })
  await broker.ensure([{ stream: 'S', subjects: ['s.>'] }])
  const taken = Promise.withResolvers<string>()
  await broker.subscribe(
    { stream: 'S', durable: 'hub', prefetch: 1, leaseMs: 60_000, maxAttempts: 5 },
    async ({ message }) => taken.resolve(message.sequence),
  )
  await broker.publish({ subject: 's.happened', messageId: 'm-1', payload: new Uint8Array(1) })
  const key = { stream: 'S', consumer: 'hub', messageId: 'm-1', deliveries: 1, sequence: await taken.promise }
  expect(await broker.attempts.start([key])).toEqual([1])
  // What PostgreSQL has not handed to its files is gone with a killed process.
  const { rows } = await database.query(
    'SELECT pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn() AS unwritten',
  )
  await broker.close({ drainTimeoutMs: 0 })
  await close()
  expect(rows).toEqual([{ unwritten: '0' }])
}, 120_000)
