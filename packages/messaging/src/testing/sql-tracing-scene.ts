import type { SqlDatabase } from '@golden-arch/core/storage'
import { SqlBroker } from '../adapters/sql/sql-broker.ts'
import type { TracingScene } from '../message-tracing.contract.ts'

/** One stream of a SQL broker, in the database that holds outbox and dead letters as well. */
export async function openSqlScene(database: SqlDatabase): Promise<TracingScene> {
  const broker = new SqlBroker({ database, pollIntervalMs: 20 })
  await broker.ensure([{ stream: 'ORDERS', subjects: ['order.>'] }])
  return { broker, database, stream: 'ORDERS', subject: (word) => `order.${word}` }
}
