import type { SqlDatabase, SqlExecutor, SqlTransaction } from '../../storage/index.ts'
import { hashText } from '../chain/link-hash.ts'
import { signCheckpoint } from './checkpoint.ts'
import type { CheckpointSink } from './checkpoint-sink.ts'
import type { AuditSigner } from './signature.ts'

/** Which checkpoints are due, and where they go. */
export interface DueCheckpoints {
  readonly database: SqlDatabase
  readonly signer: AuditSigner
  readonly sink: CheckpointSink
  readonly everyEntries: number
  readonly everyMs: number
}

/** Few at once: while the sink writes, the heads are held, and linking to their chains waits. */
const DUE = `SELECT tenant_id, seq, hash, clock_timestamp() AS at FROM audit_chain_heads
 WHERE seq > checkpoint_seq
   AND (seq - checkpoint_seq >= $1 OR clock_timestamp() - checkpoint_at >= $2 * interval '1 millisecond')
 ORDER BY tenant_id LIMIT 100`

/** In a schema one process at a time writes, as some file systems lose what two machines append at once. */
const TURN = `SELECT pg_try_advisory_xact_lock(hashtext('audit_checkpoints'), hashtext(current_schema()::text)) AS mine`

/**
 * Signs the heads of the chains that have grown enough, or for long enough, since their last checkpoint, hands them to
 * the sink and remembers them; resolves with how many. While another process does so, none: they are that one's. One that was
 * handed over by a process that died then is written again by the next one.
 */
export async function writeDueCheckpoints({ database, ...due }: DueCheckpoints): Promise<number> {
  if ((await readDue(database, due)).length === 0) return 0
  const { written, failure } = await database.transaction((tx) => writeWithin(tx, due))
  if (failure !== undefined) throw failure.error
  return written
}

interface Written {
  readonly written: number
  /** What the sink threw; with it the writing ended. */
  readonly failure: { readonly error: unknown } | undefined
}

/** Does not throw what the sink throws, so that what it took before is remembered, and not written again. */
async function writeWithin(tx: SqlTransaction, due: Omit<DueCheckpoints, 'database'>): Promise<Written> {
  const { rows } = await tx.query<{ mine: boolean }>(TURN)
  if (rows[0]?.mine !== true) return { written: 0, failure: undefined }
  let written = 0
  for (const { tenant_id, seq, hash, at } of await readDue(tx, due)) {
    const facts = { tenantId: tenant_id, sequence: String(seq), hash: hashText(hash), at }
    const checkpoint = signCheckpoint(due.signer, facts)
    try {
      await due.sink.write(checkpoint)
    } catch (error) {
      return { written, failure: { error } }
    }
    await tx.query('SELECT audit_note_checkpoint($1, $2)', [tenant_id, seq])
    written++
  }
  return { written, failure: undefined }
}

async function readDue(
  executor: SqlExecutor,
  { everyEntries, everyMs }: Pick<DueCheckpoints, 'everyEntries' | 'everyMs'>,
): Promise<readonly { tenant_id: string; seq: bigint; hash: Uint8Array; at: Date }[]> {
  const { rows } = await executor.query<{ tenant_id: string; seq: bigint; hash: Uint8Array; at: Date }>(DUE, [
    everyEntries,
    everyMs,
  ])
  return rows
}
