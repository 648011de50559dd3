import type { SqlExecutor } from '@golden-arch/core/storage'
import type { DeadLetter } from './dead-letter.ts'
import { type StorableDeadLetter, storableDeadLetter } from './storable-dead-letter.ts'

/** What became of one dead letter. */
export interface RecordedDeadLetter {
  readonly dlqId: string
  readonly tenantId: string | null
  readonly fingerprint: string
  /** False if it had been recorded before. */
  readonly isNew: boolean
}

/**
 * Records dead letters, each once: of a repetition only the instant and the attempts are taken over. One statement; in
 * a caller's own transaction it goes with it. The answers come in the order of `letters`.
 * @throws StorageError by code.
 */
export async function recordDeadLetters(
  executor: SqlExecutor,
  letters: readonly DeadLetter[],
): Promise<readonly RecordedDeadLetter[]> {
  if (letters.length === 0) return []
  const storable = letters.map(storableDeadLetter)
  // A statement must not meet one row twice, and rows taken in one order cannot deadlock with another batch.
  const unique = new Map(storable.map((letter) => [identityOf(letter), letter]))
  const rows = [...unique].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, letter]) => letter)
  const { rows: stored } = await executor.query<RecordedRow>(RECORD, [
    rows.map(({ tenantId }) => tenantId),
    rows.map(({ messageId }) => messageId),
    rows.map(({ subject }) => subject),
    rows.map(({ source }) => source.stream),
    rows.map(({ source }) => source.sequence),
    rows.map(({ source }) => source.consumer),
    rows.map(({ headers }) => JSON.stringify(headers)),
    rows.map(({ payload }) => payload),
    rows.map(({ error }) => error),
    rows.map(({ errorCode }) => errorCode),
    rows.map(({ fingerprint }) => fingerprint),
    rows.map(({ attempts }) => attempts),
    rows.map(({ firstSeenAt }) => firstSeenAt),
    rows.map(({ lastSeenAt }) => lastSeenAt),
    rows.map(({ redriveOf }) => redriveOf),
  ])
  const byIdentity = new Map(
    stored.map((row) => [
      JSON.stringify([row.stream, String(row.seq), row.consumer, row.message_id ?? '']),
      row,
    ]),
  )
  return storable.map((letter) => {
    const row = byIdentity.get(identityOf(letter))
    if (row === undefined) throw new Error('a recorded dead letter did not come back')
    const { dlq_id, tenant_id: tenantId, fingerprint, is_new: isNew } = row
    return { dlqId: String(dlq_id), tenantId, fingerprint, isNew }
  })
}

interface RecordedRow {
  readonly dlq_id: bigint
  readonly tenant_id: string | null
  readonly fingerprint: string
  readonly stream: string
  readonly seq: bigint
  readonly consumer: string
  readonly message_id: string | null
  readonly is_new: boolean
}

function identityOf({ source, messageId }: StorableDeadLetter): string {
  return JSON.stringify([source.stream, source.sequence, source.consumer, messageId ?? ''])
}

// A row that this statement inserted has no xmax; one that it found and updated bears its own transaction there.
const RECORD = `
  INSERT INTO dlq_messages AS d
         (tenant_id, message_id, original_subject, source_stream, source_seq, consumer, headers, payload,
          error, error_code, fingerprint, attempts, first_seen_at, last_seen_at, redrive_of)
  SELECT n.tenant_id, n.message_id, n.subject, n.stream, n.seq, n.consumer, n.headers::jsonb,
         n.payload, n.error, n.error_code, n.fingerprint, n.attempts,
         n.first_seen_at, n.last_seen_at, (SELECT o.dlq_id FROM dlq_messages o WHERE o.dlq_id = n.redrive_of)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bytea[],
                $9::text[], $10::text[], $11::text[], $12::int[], $13::timestamptz[], $14::timestamptz[],
                $15::bigint[])
         AS n (tenant_id, message_id, subject, stream, seq, consumer, headers, payload,
               error, error_code, fingerprint, attempts, first_seen_at, last_seen_at, redrive_of)
  ON CONFLICT (source_stream, source_seq, consumer, (coalesce(message_id, ''))) DO UPDATE
     SET last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at),
         attempts = greatest(d.attempts, excluded.attempts)
  RETURNING d.dlq_id, d.tenant_id, d.fingerprint, d.source_stream AS stream, d.source_seq AS seq, d.consumer,
            d.message_id, (d.xmax = 0) AS is_new`
