import type { SqlExecutor } from '@golden-arch/core/storage'
import type { StoredMessage } from '../../ports/message-broker.ts'
import { type MessageRow, messageOf } from './message-rows.ts'

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

/** Takes deliveries that are due, the longest waiting first; they come back in order of their sequence. */
export async function claimDeliveries(
  executor: SqlExecutor,
  request: ClaimRequest,
): Promise<readonly ClaimedDelivery[]> {
  const { stream, consumer, limit, leaseMs, leaseId } = request
  const { rows } = await executor.query<MessageRow & { readonly deliveries: number }>(
    'SELECT * FROM message_deliveries_claim($1, $2, $3::int, $4::bigint, $5::uuid)',
    [stream, consumer, limit, leaseMs, leaseId],
    { prepareAs: 'message_deliveries_claim' },
  )
  const inOrder = [...rows].sort((one, other) => (one.sequence < other.sequence ? -1 : 1))
  return inOrder.map((row) => ({ message: messageOf(row), consumer, deliveries: row.deliveries, leaseId }))
}

/** How many deliveries the consumer has still to settle; counted up to 100000. */
export async function countPending(executor: SqlExecutor, stream: string, consumer: string): Promise<number> {
  const { rows } = await executor.query<{ pending: bigint }>(
    `SELECT count(*) AS pending FROM (
       SELECT 1 FROM message_deliveries WHERE stream = $1 AND consumer = $2 AND deliveries >= 0 LIMIT 100000) AS counted`,
    [stream, consumer],
  )
  return Number(rows[0]?.pending ?? 0n)
}

/** Milliseconds until the next delivery of the consumer falls due that is not due yet; null where there is none. */
export async function nextDueMs(
  executor: SqlExecutor,
  stream: string,
  consumer: string,
): Promise<number | null> {
  const { rows } = await executor.query<{ due_ms: number | null }>(
    'SELECT message_deliveries_next_due($1, $2) AS due_ms',
    [stream, consumer],
    { prepareAs: 'message_deliveries_next_due' },
  )
  return rows[0]?.due_ms ?? null
}
