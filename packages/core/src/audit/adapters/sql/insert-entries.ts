import type { SqlExecutor } from '../../../storage/index.ts'
import type { StoredEntry } from '../../stored-entry.ts'

const INSERT = `INSERT INTO audit_log
  (tenant_id, actor, actor_kind, action, resource, outcome, request_id, details, personal, entry_text)
SELECT tenant_id, actor, actor_kind, action, resource, outcome, request_id, details::jsonb, personal::jsonb, entry_text
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::text[]) WITH ORDINALITY
    AS new (tenant_id, actor, actor_kind, action, resource, outcome, request_id, details, personal, entry_text, place)
 ORDER BY place`

const COLUMNS = [
  'tenantId',
  'actor',
  'actorKind',
  'action',
  'resource',
  'outcome',
  'requestId',
  'details',
  'personal',
  'text',
] as const satisfies readonly (keyof StoredEntry)[]

/**
 * Adds entries in one statement, in their order.
 * @throws StorageError by code; then none was added.
 */
export async function insertEntries(executor: SqlExecutor, entries: readonly StoredEntry[]): Promise<void> {
  const values = COLUMNS.map((column) => entries.map((entry) => entry[column]))
  await executor.query(INSERT, values, { prepareAs: 'golden_arch_audit_append' })
}
