import type { SqlDatabase, SqlExecutor } from '@golden-arch/core/storage'
import { givenUpMessage } from '../../dead-letters/given-up-message.ts'
import type { RecordedLetter } from '../../dead-letters/raise-dead-letter-alerts.ts'
import { recordDeadLetters } from '../../dead-letters/record-dead-letters.ts'
import type { DeliverySettlement } from '../../decision.ts'
import type { ClaimedDelivery } from './claim-deliveries.ts'

/** A delivery to be available again after a while. */
export interface PutBack {
  readonly delivery: ClaimedDelivery
  readonly afterMs: number
}

/** A delivery to be given up. */
export interface GivenUp {
  readonly delivery: ClaimedDelivery
  readonly settlement: Extract<DeliverySettlement, { readonly kind: 'dead-letter' }>
}

interface SequenceRow {
  readonly sequence: bigint
}

/** Removes deliveries that were handled, under whatever lease they are now; says of each whether it was there. */
export async function acknowledge(
  executor: SqlExecutor,
  consumer: string,
  deliveries: readonly ClaimedDelivery[],
): Promise<readonly boolean[]> {
  const { rows } = await executor.query<SequenceRow>(
    'SELECT message_deliveries_acknowledge($1, $2::bigint[]) AS sequence',
    [consumer, sequencesOf(deliveries)],
    { prepareAs: 'message_deliveries_acknowledge' },
  )
  return answersFor(deliveries, rows)
}

/** Ends leases, each with a pause; says of each whether the lease still stood. */
export async function putBack(
  executor: SqlExecutor,
  consumer: string,
  entries: readonly PutBack[],
): Promise<readonly boolean[]> {
  const deliveries = entries.map(({ delivery }) => delivery)
  const delaysMs = entries.map(({ afterMs }) => afterMs)
  return postpone(executor, consumer, deliveries, delaysMs, false)
}

/** Makes leases last for `leaseMs` from now; says of each whether it still stood. */
export async function renew(
  executor: SqlExecutor,
  consumer: string,
  deliveries: readonly ClaimedDelivery[],
  leaseMs: number,
): Promise<readonly boolean[]> {
  const delaysMs = deliveries.map(() => leaseMs)
  return postpone(executor, consumer, deliveries, delaysMs, true)
}

/**
 * Removes deliveries and records them as dead letters in one transaction, so that no crash comes between; says of each
 * whether its lease still stood, and what was recorded. Where no tenant is known, they are `unknownTenantId`'s.
 */
export async function giveUp(
  database: SqlDatabase,
  consumer: string,
  entries: readonly GivenUp[],
  unknownTenantId: string | null,
): Promise<{ readonly answers: readonly boolean[]; readonly recorded: readonly RecordedLetter[] }> {
  const deliveries = entries.map(({ delivery }) => delivery)
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<SequenceRow & { readonly now: Date }>(
      `SELECT sequence, clock_timestamp() AS now
         FROM message_deliveries_give_up($1, $2::bigint[], $3::uuid[]) AS sequence`,
      [consumer, sequencesOf(deliveries), leasesOf(deliveries)],
    )
    const answers = answersFor(deliveries, rows)
    const now = rows[0]?.now
    if (now === undefined) return { answers, recorded: [] }
    const letters = entries
      .filter((_entry, index) => answers[index])
      .map(({ delivery, settlement }) => givenUpMessage(delivery.message, consumer, settlement, now))
      .map((letter) => ({ ...letter, tenantId: letter.tenantId ?? unknownTenantId }))
    const written = await recordDeadLetters(tx, letters)
    const recorded = letters.flatMap((letter, index) => {
      const row = written[index]
      return row === undefined ? [] : [{ letter, row }]
    })
    return { answers, recorded }
  })
}

async function postpone(
  executor: SqlExecutor,
  consumer: string,
  deliveries: readonly ClaimedDelivery[],
  delaysMs: readonly number[],
  keepsLease: boolean,
): Promise<readonly boolean[]> {
  const { rows } = await executor.query<SequenceRow>(
    'SELECT message_deliveries_postpone($1, $2::bigint[], $3::uuid[], $4::bigint[], $5) AS sequence',
    [consumer, sequencesOf(deliveries), leasesOf(deliveries), delaysMs, keepsLease],
    { prepareAs: 'message_deliveries_postpone' },
  )
  return answersFor(deliveries, rows)
}

function sequencesOf(deliveries: readonly ClaimedDelivery[]): readonly string[] {
  return deliveries.map(({ message }) => message.sequence)
}

function leasesOf(deliveries: readonly ClaimedDelivery[]): readonly string[] {
  return deliveries.map(({ leaseId }) => leaseId)
}

/** Of two claims of one message in a group only the first one is told that it was there. */
function answersFor(
  deliveries: readonly ClaimedDelivery[],
  rows: readonly SequenceRow[],
): readonly boolean[] {
  const touched = new Set(rows.map(({ sequence }) => String(sequence)))
  return deliveries.map(({ message }) => touched.delete(message.sequence))
}
