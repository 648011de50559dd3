import { randomUUID } from 'node:crypto'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AttemptKey } from '../../ports/attempt-store.ts'
import { type ClaimedDelivery, claimDeliveries } from './claim-deliveries.ts'
import { DeliveryAttempts } from './delivery-attempts.ts'
import { acknowledge, putBack, renew } from './settle-deliveries.ts'

const CONSUMER = 'hub'
const MANY = 2000
const FEW = 5

/** A database of nobody else, and how to leave it. */
interface OwnDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/**
 * What statements read whose plans were made while their tables were all but empty; each test has a new database, for
 * the plans depend on whatever else it has held.
 */
export function statementPlansContract(title: string, open: () => Promise<OwnDatabase>): void {
  describe.each([
    ['are new', []],
    ['were visited by autovacuum', ['VACUUM ANALYZE messages', 'VACUUM ANALYZE message_deliveries']],
  ])(`statements planned on ${title} while the tables %s and empty`, (_state, preparations) => {
    let opened: OwnDatabase
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    test('read what they ask for, not all that has come since', async () => {
      for (const statement of preparations) await opened.database.query(statement)
      const isUndone = new Error('undone')
      const outcome = opened.database.transaction(async (tx) => {
        const stream = randomName('s')
        await addMessages(tx, stream, 1)
        await useAll(tx, stream, [])
        await addMessages(tx, stream, MANY)
        const reads: [string, number][] = []
        await useAll(tx, stream, reads)
        expect(reads).toHaveLength(8)
        // An update reads the rows that it changes, and a claim reads them twice.
        expect(reads.filter(([, read]) => read > 4 * FEW)).toEqual([])
        throw isUndone
      })
      await expect(outcome).rejects.toBe(isUndone)
    })
  })
}

/** Takes up to {@link FEW} deliveries, uses them in every way, and adds to `reads` how many rows each way has read. */
async function useAll(tx: SqlTransaction, stream: string, reads: [string, number][]): Promise<void> {
  const counted = async <T>(name: string, use: () => Promise<T>): Promise<T> => {
    const before = await rowsRead(tx)
    const result = await use()
    reads.push([name, (await rowsRead(tx)) - before])
    return result
  }
  const claim = (): Promise<readonly ClaimedDelivery[]> =>
    claimDeliveries(tx, { stream, consumer: CONSUMER, limit: FEW, leaseMs: 30_000, leaseId: randomUUID() })
  const attempts = new DeliveryAttempts(tx)
  const first = await counted('claim', claim)
  const keys: AttemptKey[] = first.map(({ message }) => ({
    stream,
    consumer: CONSUMER,
    sequence: message.sequence,
    messageId: message.messageId,
    deliveries: 1,
  }))
  await counted('start', () => attempts.start(keys))
  await counted('end', () =>
    attempts.end(keys.map((key) => ({ key, reason: 'no', code: 'NO', isCounted: true }))),
  )
  await counted('read', () => attempts.read(keys))
  await counted('renew', () => renew(tx, CONSUMER, first, 30_000))
  const backAtOnce = first.map((delivery) => ({ delivery, afterMs: 0 }))
  await counted('put back', () => putBack(tx, CONSUMER, backAtOnce))
  const again = await claim()
  await counted('give up', () =>
    tx.query('SELECT message_deliveries_give_up($1, $2::bigint[], $3::uuid[])', [
      CONSUMER,
      again.map(({ message }) => message.sequence),
      again.map(({ leaseId }) => leaseId),
    ]),
  )
  const last = await claim()
  await counted('acknowledge', () => acknowledge(tx, CONSUMER, last))
}

async function addMessages(tx: SqlTransaction, stream: string, count: number): Promise<void> {
  await tx.query(
    `WITH added AS (
       INSERT INTO messages (stream, subject, message_id, headers, payload)
       SELECT $1, 'x', 'm' || i || '/' || $2, '{}', '' FROM generate_series(1, $2::int) i RETURNING sequence)
     INSERT INTO message_deliveries (stream, consumer, sequence, available_at)
     SELECT $1, '${CONSUMER}', sequence, statement_timestamp() - interval '1 second' FROM added`,
    [stream, count],
  )
}

/** Rows of both tables that this transaction has read. */
async function rowsRead(tx: SqlTransaction): Promise<number> {
  const { rows } = await tx.query<{ read: bigint }>(
    `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS read FROM pg_stat_xact_user_tables
      WHERE relid IN ('messages'::regclass, 'message_deliveries'::regclass)`,
  )
  return Number(rows[0]?.read)
}
