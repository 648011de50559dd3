import type { SqlDatabase } from '../../storage/index.ts'
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

const DUE = `SELECT tenant_id, seq, hash, clock_timestamp() AS at FROM audit_chain_heads
 WHERE seq > checkpoint_seq
   AND (seq - checkpoint_seq >= $1 OR clock_timestamp() - checkpoint_at >= $2 * interval '1 millisecond')
 ORDER BY tenant_id LIMIT 1000`

/**
 * Signs the heads of the chains that have grown enough, or for long enough, since their last checkpoint, hands them to
 * the sink and remembers them; resolves with how many. One that was handed over by a process that died then is written
 * again by the next one.
 */
export async function writeDueCheckpoints(due: DueCheckpoints): Promise<number> {
  const { database, signer, sink, everyEntries, everyMs } = due
  const { rows } = await database.query<{ tenant_id: string; seq: bigint; hash: Uint8Array; at: Date }>(DUE, [
    everyEntries,
    everyMs,
  ])
  for (const { tenant_id, seq, hash, at } of rows) {
    const facts = { tenantId: tenant_id, sequence: String(seq), hash: hashText(hash), at }
    await sink.write(signCheckpoint(signer, facts))
    await database.query('SELECT audit_note_checkpoint($1, $2)', [tenant_id, seq])
  }
  return rows.length
}
