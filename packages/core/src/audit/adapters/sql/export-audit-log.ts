import {
  requireDecimalId,
  requireInteger,
  requireMethods,
  requireTenantId,
  withDefaults,
} from '../../../errors/index.ts'
import type { SqlExecutor } from '../../../storage/index.ts'

/** What is exported. */
export interface ExportAuditLogOptions {
  /** Whose log is exported. */
  readonly database: SqlExecutor
  /** 1 to 128 characters. */
  readonly tenantId: string
  /** Goes on behind this place in the chain: the `sequence` of the last line that was kept. Default `'0'`, the beginning. */
  readonly afterSequence?: string | undefined
  /** Lines read at a time, 1 to 10000. Default 1000. */
  readonly pageSize?: number | undefined
  /** Ends the export with `ABORTED`. Default: none. */
  readonly signal?: AbortSignal | undefined
}

const DEFAULTS = Object.freeze({
  database: undefined,
  tenantId: undefined,
  afterSequence: '0',
  pageSize: 1000,
  signal: undefined,
})

interface ExportRow {
  readonly seq: bigint
  readonly line: string
}

/**
 * The instant is given in microseconds as text, as the hash is made over them and a number of JSON would round them. The log
 * is named before the chain, as in the reading of links.
 */
const LINES = `SELECT c.seq, jsonb_build_object(
    'sequence', c.seq::text,
    'entryId', c.entry_id::text,
    'at', to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'previousHash', encode(c.prev_hash, 'hex'),
    'hash', encode(c.hash, 'hex'),
    'entry', l.entry_text
  )::text AS line
  FROM audit_log l JOIN audit_chain c ON l.tenant_id = c.tenant_id AND l.entry_id = c.entry_id AND l.at = c.at
 WHERE c.tenant_id = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3`

/**
 * The linked entries of a tenant in the order of its chain, one JSON line each without its line end: `sequence`,
 * `entryId`, `at` in microseconds, `previousHash`, `hash`, and `entry`, the text that was hashed. A page at a time is
 * held in memory; an export that broke off goes on behind the last sequence that was kept.
 * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code; TimeError `ABORTED` by the signal.
 */
export async function* exportAuditLog(
  options: ExportAuditLogOptions,
): AsyncGenerator<string, void, undefined> {
  const { database, tenantId, pageSize, afterSequence, signal } = withDefaults(options, DEFAULTS)
  requireMethods('database', database, ['query'])
  requireTenantId(tenantId)
  requireInteger('pageSize', pageSize, { min: 1, max: 10_000 })
  let after = BigInt(requireDecimalId('afterSequence', afterSequence, 0))
  for (;;) {
    const { rows } = await database.query<ExportRow>(LINES, [tenantId, after, pageSize], { signal })
    for (const { seq, line } of rows) {
      yield line
      after = seq
    }
    if (rows.length < pageSize) return
  }
}
