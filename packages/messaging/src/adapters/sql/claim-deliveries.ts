import type { SqlExecutor } from '@golden-arch/core/storage'
import type { StoredMessage } from '../../ports/message-broker.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf } from './message-rows.ts'

/** A delivery taken under a lease. */
export interface ClaimedDelivery {
  readonly message: StoredMessage
  readonly consumer: string
  readonly deliveries: number
  readonly leaseId: string
}

/** What to take. */
export interface ClaimRequest {
  readonly stream: string
  readonly consumer: string
  readonly limit: number
  readonly leaseMs: number
  /** Names the claim; new for each. */
  readonly leaseId: string
}

// statement_timestamp() is stable within the statement, so that the index bounds the search; clock_timestamp() is not.
const CLAIM = `
  WITH due AS MATERIALIZED (
    SELECT d.stream, d.consumer, d.sequence FROM message_deliveries d
     WHERE d.stream = $1 AND d.consumer = $2 AND d.available_at <= statement_timestamp()
     ORDER BY d.available_at, d.sequence LIMIT $3::int FOR UPDATE SKIP LOCKED
  ), leased AS (
    UPDATE message_deliveries d
       SET available_at = clock_timestamp() + $4::bigint * interval '1 millisecond',
           deliveries = d.deliveries + 1, lease_id = $5::uuid
      FROM due WHERE (d.stream, d.consumer, d.sequence) = (due.stream, due.consumer, due.sequence)
    RETURNING d.sequence, d.deliveries
  )
  SELECT l.deliveries, ${MESSAGE_COLUMNS}
    FROM leased l JOIN messages m ON m.sequence = l.sequence ORDER BY m.sequence`

/** Takes deliveries that are due, the longest waiting first; they come back in order of their sequence. */
export async function claimDeliveries(
  executor: SqlExecutor,
  request: ClaimRequest,
): Promise<readonly ClaimedDelivery[]> {
  const { stream, consumer, limit, leaseMs, leaseId } = request
  const { rows } = await executor.query<MessageRow & { readonly deliveries: number }>(
    CLAIM,
    [stream, consumer, limit, leaseMs, leaseId],
    { prepareAs: 'message_deliveries_claim' },
  )
  return rows.map((row) => ({ message: messageOf(row), consumer, deliveries: row.deliveries, leaseId }))
}

/** How many deliveries the consumer has still to settle; counted up to 100000. */
export async function countPending(executor: SqlExecutor, stream: string, consumer: string): Promise<number> {
  const { rows } = await executor.query<{ pending: bigint }>(
    `SELECT count(*) AS pending FROM (
       SELECT 1 FROM message_deliveries WHERE stream = $1 AND consumer = $2 LIMIT 100000) AS counted`,
    [stream, consumer],
  )
  return Number(rows[0]?.pending ?? 0n)
}
