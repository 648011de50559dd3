import type { SqlDatabase, SqlExecutor, SqlTransaction } from '../../storage/index.ts'
import { AuditError } from '../audit-error.ts'
import type { AuditSigner } from '../checkpoints/signature.ts'
import { type ClosedSegment, signSegment } from './closed-segment.ts'

/** A part of the log and of the chain. */
export interface AuditPartition {
  /** `2026_11`, or `rest`. Safe within an identifier. */
  readonly suffix: string
}

/** How long a removal may wait for each lock, since those who come later wait behind it. */
const LOCK_MS = 5000

/** The partitions whose entries are all older than `before`, the oldest first; the rest only where it holds any. */
export async function listPartitions(
  database: SqlDatabase,
  before: Date,
): Promise<readonly AuditPartition[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'audit_log'::regclass ORDER BY 1`,
  )
  const months = rows.flatMap(({ name }) => {
    const [, year, month] = /^audit_log_(\d{4})_(\d\d)$/.exec(name) ?? []
    const endMs = Date.UTC(Number(year), Number(month))
    return year !== undefined && endMs <= before.getTime() ? [{ suffix: `${year}_${month}` }] : []
  })
  return (await isRestOld(database, before)) ? [...months, { suffix: 'rest' }] : months
}

async function isRestOld(executor: SqlExecutor, before: Date): Promise<boolean> {
  const { rows } = await executor.query<{ is_old: boolean }>(
    'SELECT coalesce(max(at) < $1, false) AS is_old FROM audit_log_rest',
    [before],
  )
  return rows[0]?.is_old === true
}

/** The tenants that have links in a partition. */
export async function tenantsOf(
  database: SqlDatabase,
  { suffix }: AuditPartition,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ tenant_id: string }>(
    `SELECT DISTINCT tenant_id FROM audit_chain_${suffix} ORDER BY 1`,
  )
  return rows.map(({ tenant_id }) => tenant_id)
}

/**
 * Signs what leaves the chains with a partition and drops it, in one transaction; resolves with the number of segments, or
 * undefined where the rest holds an entry by now that is not older than `before`. While the segments are made, the log is read
 * and linked as ever, and nothing more comes into the partition; the whole log is held for the drop alone.
 * @throws AuditError `AUDIT_ENTRIES_WAITING`; StorageError by code, `LOCK_TIMEOUT` and `DEADLOCK` among them.
 */
export async function closePartition(
  database: SqlDatabase,
  { suffix }: AuditPartition,
  before: Date,
  signer: AuditSigner,
): Promise<number | undefined> {
  const closedAt = new Date()
  return await database.transaction(async (tx) => {
    await tx.query(`SET LOCAL lock_timeout = ${LOCK_MS}`)
    await tx.query(`LOCK TABLE audit_log_${suffix}, audit_chain_${suffix} IN SHARE ROW EXCLUSIVE MODE`)
    if (suffix === 'rest' && !(await isRestOld(tx, before))) return undefined
    await requireLinked(tx, suffix)
    const segments = (await runsOf(tx, suffix)).map((run) => signSegment(signer, { ...run, closedAt }))
    for (const segment of segments) await insertSegment(tx, segment)
    await tx.query(
      `DELETE FROM audit_personal p USING audit_log_${suffix} l
        WHERE l.personal IS NOT NULL AND p.tenant_id = l.tenant_id AND p.personal_id = (l.personal ->> 'id')::uuid`,
    )
    // The log before the chain, as whoever works with both does: a drop by itself asks for the chain once it has dropped.
    await tx.query('LOCK TABLE ONLY audit_log, ONLY audit_chain IN ACCESS EXCLUSIVE MODE')
    await tx.query(`DROP TABLE audit_log_${suffix}, audit_chain_${suffix}`)
    if (suffix === 'rest') await tx.query(`SELECT audit_add_partition('rest', 'DEFAULT')`)
    return segments.length
  })
}

async function requireLinked(tx: SqlTransaction, suffix: string): Promise<void> {
  const { rows } = await tx.query<{ waiting: bigint }>(
    `SELECT count(*) AS waiting FROM audit_log_${suffix} l WHERE NOT EXISTS (
       SELECT FROM audit_chain_${suffix} c WHERE c.tenant_id = l.tenant_id AND c.entry_id = l.entry_id AND c.at = l.at)`,
  )
  const waiting = rows[0]?.waiting ?? 0n
  if (waiting === 0n) return
  throw new AuditError({
    code: 'AUDIT_ENTRIES_WAITING',
    message: `${waiting} entries of the partition ${suffix} have no link yet`,
    retryable: true,
    details: { partition: suffix, waiting: String(waiting) },
  })
}

type Run = Omit<ClosedSegment, 'closedAt' | 'keyId' | 'signature'>

/** The unbroken runs of links in a partition. There are several of a tenant where an entry was linked after one of the next month. */
async function runsOf(tx: SqlTransaction, suffix: string): Promise<readonly Run[]> {
  const { rows } = await tx.query<{
    tenant_id: string
    first_seq: bigint
    last_seq: bigint
    prev_hash: Uint8Array
    last_hash: Uint8Array
  }>(
    `WITH runs AS (
       SELECT tenant_id, min(seq) AS first_seq, max(seq) AS last_seq FROM (
         SELECT tenant_id, seq, seq - row_number() OVER (PARTITION BY tenant_id ORDER BY seq) AS run FROM audit_chain_${suffix}
       ) numbered GROUP BY tenant_id, run
     )
     SELECT r.tenant_id, r.first_seq, r.last_seq, f.prev_hash, l.hash AS last_hash
       FROM runs r
       JOIN audit_chain_${suffix} f ON f.tenant_id = r.tenant_id AND f.seq = r.first_seq
       JOIN audit_chain_${suffix} l ON l.tenant_id = r.tenant_id AND l.seq = r.last_seq
      ORDER BY 1, 2`,
  )
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    firstSequence: row.first_seq,
    lastSequence: row.last_seq,
    previousHash: row.prev_hash,
    lastHash: row.last_hash,
  }))
}

async function insertSegment(tx: SqlTransaction, segment: ClosedSegment): Promise<void> {
  await tx.query(
    `INSERT INTO audit_segments (tenant_id, first_seq, last_seq, prev_hash, last_hash, closed_at, key_id, signature)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      segment.tenantId,
      segment.firstSequence,
      segment.lastSequence,
      segment.previousHash,
      segment.lastHash,
      segment.closedAt,
      segment.keyId,
      segment.signature,
    ],
  )
}
