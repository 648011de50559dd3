import type { SqlDatabase } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { describeMessageBroker } from '../../testing/message-broker.contract.ts'
import { SqlBroker } from './sql-broker.ts'

/** What a {@link SqlBroker} promises on any database; `databases` are two ways to the same one. */
export function sqlBrokerContract(databases: () => readonly [SqlDatabase, SqlDatabase]): void {
  describeMessageBroker('SqlBroker', async () => {
    const [database, second] = databases()
    const name = randomName('S').slice(0, 60)
    const other = new SqlBroker({ database: second, pollIntervalMs: 50 })
    return {
      broker: new SqlBroker({ database, pollIntervalMs: 50 }),
      other,
      name,
      deadLetters: async () => {
        const { rows } = await database.query<{ messageId: string; error: string; attempts: number }>(
          `SELECT message_id AS "messageId", error, attempts FROM dlq_messages
            WHERE source_stream = $1 ORDER BY dlq_id`,
          [name],
        )
        return rows
      },
      close: async () => void (await other.close({ drainTimeoutMs: 0 })),
    }
  })
}
