import { randomUUID } from 'node:crypto'
import type { EventEnvelope } from '@golden-arch/core/events'
import type { SqlExecutor } from '@golden-arch/core/storage'

/** An event taken out of the outbox for publication. */
export interface ClaimedEvent {
  readonly position: bigint
  readonly event: EventEnvelope
  /** Failed publications before this one. */
  readonly attempts: number
  /** The claim that the row carried when it was taken, ours for the first event of a subject. */
  readonly claimId: string | null
}

/** What became of a claimed event. */
export type ClaimResult =
  | { readonly claimed: ClaimedEvent; readonly outcome: 'published' }
  | {
      readonly claimed: ClaimedEvent
      readonly outcome: 'failed'
      readonly error: string
      readonly delayMs: number
    }
  /** It was not tried. */
  | { readonly claimed: ClaimedEvent; readonly outcome: 'given-back' }

interface OutboxRow {
  readonly position: bigint
  readonly envelope: EventEnvelope
  readonly attempts: number
  readonly claim_id: string | null
}

/**
 * Takes up to `maxBatchLength` waiting events, in order of position. Whoever leases the first waiting event of a subject
 * owns the subject: nobody else takes its later events, and while the first one pauses they wait with it.
 */
export async function claimEvents(
  database: SqlExecutor,
  maxBatchLength: number,
  leaseMs: number,
): Promise<readonly ClaimedEvent[]> {
  const { rows } = await database.query<OutboxRow>(
    `WITH heads AS MATERIALIZED (
       SELECT o.position, o.tenant_id, o.subject FROM outbox o
        WHERE o.published_at IS NULL AND o.available_at <= clock_timestamp()
          AND (o.subject IS NULL OR NOT EXISTS (
                SELECT 1 FROM outbox e
                 WHERE e.tenant_id = o.tenant_id AND e.subject = o.subject AND e.published_at IS NULL
                   AND e.position < o.position))
        ORDER BY o.position LIMIT $1::bigint FOR UPDATE SKIP LOCKED
     ), leased AS (
       UPDATE outbox o
          SET available_at = clock_timestamp() + $2::bigint * interval '1 millisecond', claim_id = $3::uuid
         FROM heads h WHERE o.position = h.position
       RETURNING o.position, o.envelope, o.attempts, o.claim_id
     ), followers AS (
       SELECT f.position, f.envelope, f.attempts, f.claim_id
         FROM heads h CROSS JOIN LATERAL (
           SELECT o.position, o.envelope, o.attempts, o.claim_id FROM outbox o
            WHERE o.tenant_id = h.tenant_id AND o.subject = h.subject AND o.published_at IS NULL
              AND o.position > h.position
            ORDER BY o.position LIMIT $1::bigint) AS f
        ORDER BY f.position LIMIT greatest($1::bigint - (SELECT count(*) FROM heads), 0)
     )
     SELECT * FROM leased UNION ALL SELECT * FROM followers ORDER BY position`,
    [maxBatchLength, leaseMs, randomUUID()],
  )
  return rows.map((row) => ({
    position: row.position,
    event: row.envelope,
    attempts: row.attempts,
    claimId: row.claim_id,
  }))
}

/** Writes down what became of the claimed events. A failure or return counts only while the claim still stands. */
export async function settleEvents(database: SqlExecutor, results: readonly ClaimResult[]): Promise<void> {
  if (results.length === 0) return
  await database.query(
    `UPDATE outbox o
        SET published_at = CASE WHEN r.outcome = 'published' THEN clock_timestamp() END,
            available_at = CASE WHEN r.outcome = 'published' THEN o.available_at
                                ELSE clock_timestamp() + r.delay_ms * interval '1 millisecond' END,
            attempts = o.attempts + CASE WHEN r.outcome = 'failed' THEN 1 ELSE 0 END,
            last_error = coalesce(r.error, o.last_error)
       FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::uuid[])
            AS r (position, outcome, error, delay_ms, claim_id)
      WHERE o.position = r.position AND o.published_at IS NULL
        AND (r.outcome = 'published' OR o.claim_id IS NOT DISTINCT FROM r.claim_id)`,
    [
      results.map(({ claimed }) => claimed.position),
      results.map(({ outcome }) => outcome),
      results.map((result) => (result.outcome === 'failed' ? result.error : null)),
      results.map((result) => (result.outcome === 'failed' ? result.delayMs : 0)),
      results.map(({ claimed }) => claimed.claimId),
    ],
  )
}

/** Seconds since the oldest event that waits was appended, by the database's clock; 0 where none waits. */
export async function outboxLagSeconds(database: SqlExecutor): Promise<number> {
  const { rows } = await database.query<{ seconds: number }>(
    `SELECT extract(epoch FROM clock_timestamp() - o.created_at)::float8 AS seconds FROM outbox o
      WHERE o.published_at IS NULL ORDER BY o.position LIMIT 1`,
  )
  return Math.max(0, rows[0]?.seconds ?? 0)
}

/** The events by tenant and subject, each chain in order of position; an event without a subject stands alone. */
export function chainsOf(events: readonly ClaimedEvent[]): readonly (readonly ClaimedEvent[])[] {
  const chains = new Map<string, ClaimedEvent[]>()
  for (const one of events) {
    const { tenantid, subject } = one.event
    const key = subject === undefined ? String(one.position) : JSON.stringify([tenantid, subject])
    const chain = chains.get(key)
    if (chain === undefined) chains.set(key, [one])
    else chain.push(one)
  }
  return [...chains.values()]
}
