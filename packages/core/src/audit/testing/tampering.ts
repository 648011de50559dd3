import type { SqlDatabase, SqlTransaction } from '../../storage/index.ts'

/** Changes the tables as one who owns them can: with no trigger in the way. */
export async function tamper(
  database: SqlDatabase,
  change: (tx: SqlTransaction) => Promise<unknown>,
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(`SET LOCAL session_replication_role = 'replica'`)
    await change(tx)
  })
}

/** Makes the whole chain of a tenant anew over the entries as they now are, as the database itself would have made it. */
export async function rewriteChain(tx: SqlTransaction, tenantId: string): Promise<void> {
  await tx.query(
    `INSERT INTO audit_unlinked (tenant_id, entry_id, at) SELECT tenant_id, entry_id, at FROM audit_log WHERE tenant_id = $1`,
    [tenantId],
  )
  await tx.query('DELETE FROM audit_chain WHERE tenant_id = $1', [tenantId])
  await tx.query(
    `UPDATE audit_chain_heads SET seq = 0, hash = decode(repeat('00', 32), 'hex') WHERE tenant_id = $1`,
    [tenantId],
  )
  await tx.query('SELECT audit_link($1, 10000, true)', [tenantId])
}

/** Makes the hash of one link fit what it now stands on, without touching those after it. */
export async function rehashLink(tx: SqlTransaction, tenantId: string, sequence: number): Promise<void> {
  await tx.query(
    `UPDATE audit_chain c SET prev_hash = p.hash,
            hash = audit_link_hash(c.tenant_id, c.seq, c.entry_id, c.at, l.entry_text, p.hash)
       FROM audit_chain p, audit_log l
      WHERE c.tenant_id = $1 AND c.seq = $2 AND p.tenant_id = $1 AND p.seq = $2 - 1
        AND l.tenant_id = $1 AND l.entry_id = c.entry_id`,
    [tenantId, sequence],
  )
}
