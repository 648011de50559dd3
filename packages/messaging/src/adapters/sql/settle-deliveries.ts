import type { SqlDatabase, SqlExecutor } from '@golden-arch/core/storage'
import type { DeadLetter } from '../../dead-letters/dead-letter.ts'
import type { RecordedLetter } from '../../dead-letters/raise-dead-letter-alerts.ts'
import { recordDeadLetters } from '../../dead-letters/record-dead-letters.ts'
import type { Settlement } from '../../decision.ts'
import type { ClaimedDelivery } from './claim-deliveries.ts'

/** A delivery to be available again after a while. */
export interface PutBack {
  readonly delivery: ClaimedDelivery
  readonly afterMs: number
}

/** A delivery to be given up. */
export interface GivenUp {
  readonly delivery: ClaimedDelivery
  readonly settlement: Extract<Settlement, { readonly kind: 'dead-letter' }>
}

interface PlaceRow {
  readonly place: bigint
  readonly now: Date
}

const KEYS = `unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[]) WITH ORDINALITY
              AS k (stream, consumer, sequence, lease_id, place)`
const IS_SAME = '(d.stream, d.consumer, d.sequence) = (k.stream, k.consumer, k.sequence)'

/** Removes deliveries that were handled, under whatever lease they are now; says of each whether it was there. */
export async function acknowledge(
  executor: SqlExecutor,
  deliveries: readonly ClaimedDelivery[],
): Promise<readonly boolean[]> {
  const { rows } = await executor.query<{ place: bigint }>(
    `DELETE FROM message_deliveries d USING ${KEYS} WHERE ${IS_SAME} RETURNING k.place`,
    columnsOf(deliveries),
    { prepareAs: 'message_deliveries_acknowledge' },
  )
  return inOrder(deliveries, rows)
}

/** Ends leases, each with a pause; says of each whether the lease still stood. */
export async function putBack(
  executor: SqlExecutor,
  entries: readonly PutBack[],
): Promise<readonly boolean[]> {
  const deliveries = entries.map(({ delivery }) => delivery)
  const { rows } = await executor.query<{ place: bigint }>(
    `UPDATE message_deliveries d
        SET available_at = clock_timestamp() + ($5::bigint[])[k.place] * interval '1 millisecond', lease_id = NULL
       FROM ${KEYS} WHERE ${IS_SAME} AND d.lease_id = k.lease_id RETURNING k.place`,
    [...columnsOf(deliveries), entries.map(({ afterMs }) => afterMs)],
  )
  return inOrder(deliveries, rows)
}

/** Makes leases last for `leaseMs` from now; says of each whether it still stood. */
export async function renew(
  executor: SqlExecutor,
  deliveries: readonly ClaimedDelivery[],
  leaseMs: number,
): Promise<readonly boolean[]> {
  const { rows } = await executor.query<{ place: bigint }>(
    `UPDATE message_deliveries d SET available_at = clock_timestamp() + $5::bigint * interval '1 millisecond'
       FROM ${KEYS} WHERE ${IS_SAME} AND d.lease_id = k.lease_id RETURNING k.place`,
    [...columnsOf(deliveries), leaseMs],
  )
  return inOrder(deliveries, rows)
}

/**
 * Removes deliveries and records them as dead letters in one transaction, so that no crash comes between; says of each
 * whether its lease still stood, and what was recorded.
 */
export async function giveUp(
  database: SqlDatabase,
  entries: readonly GivenUp[],
): Promise<{ readonly answers: readonly boolean[]; readonly recorded: readonly RecordedLetter[] }> {
  const deliveries = entries.map(({ delivery }) => delivery)
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<PlaceRow>(
      `DELETE FROM message_deliveries d USING ${KEYS} WHERE ${IS_SAME} AND d.lease_id = k.lease_id
       RETURNING k.place, clock_timestamp() AS now`,
      columnsOf(deliveries),
    )
    const letters = rows.flatMap(({ place, now }) => {
      const entry = entries[Number(place) - 1]
      return entry === undefined ? [] : [deadLetterOf(entry, now)]
    })
    const written = await recordDeadLetters(tx, letters)
    const recorded = letters.flatMap((letter, index) => {
      const row = written[index]
      return row === undefined ? [] : [{ letter, row }]
    })
    return { answers: inOrder(deliveries, rows), recorded }
  })
}

function deadLetterOf({ delivery, settlement }: GivenUp, now: Date): DeadLetter {
  const { message, consumer } = delivery
  return {
    source: { stream: message.stream, sequence: message.sequence, consumer },
    tenantId: settlement.tenantId,
    messageId: message.messageId,
    subject: message.subject,
    headers: message.headers,
    payload: message.payload,
    error: settlement.reason,
    errorCode: settlement.code,
    attempts: settlement.attempts,
    firstSeenAt: message.storedAt,
    lastSeenAt: now,
  }
}

function columnsOf(deliveries: readonly ClaimedDelivery[]): readonly (readonly unknown[])[] {
  return [
    deliveries.map(({ message }) => message.stream),
    deliveries.map(({ consumer }) => consumer),
    deliveries.map(({ message }) => message.sequence),
    deliveries.map(({ leaseId }) => leaseId),
  ]
}

function inOrder(
  deliveries: readonly ClaimedDelivery[],
  rows: readonly { readonly place: bigint }[],
): readonly boolean[] {
  const places = new Set(rows.map(({ place }) => Number(place)))
  return deliveries.map((_delivery, index) => places.has(index + 1))
}
