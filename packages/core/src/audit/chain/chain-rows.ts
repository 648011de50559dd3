import type { QueryOptions, SqlExecutor } from '../../storage/index.ts'
import type { ActorKind } from '../actor.ts'
import type { AuditOutcome, PersonalReference } from '../audit-entry.ts'
import type { ClosedSegment } from '../retention/closed-segment.ts'
import type { ChainLink } from './check-link.ts'
import { CHAIN_START } from './link-hash.ts'

/** The end of a chain, as its head row has it. */
export interface ChainHead {
  readonly sequence: bigint
  readonly hash: Uint8Array
}

interface LinkRow {
  readonly seq: bigint
  readonly entry_id: bigint
  readonly at_micros: bigint
  readonly prev_hash: Uint8Array
  readonly hash: Uint8Array
  readonly actor: string | null
  readonly actor_kind: ActorKind
  readonly action: string
  readonly resource: string
  readonly outcome: AuditOutcome
  readonly request_id: string | null
  readonly details: Readonly<Record<string, unknown>>
  readonly personal: PersonalReference | null
  readonly entry_text: string
}

/** The end of a tenant's chain; that of an empty one where it has none yet. */
export async function readHead(
  executor: SqlExecutor,
  tenantId: string,
  options: QueryOptions,
): Promise<ChainHead> {
  const { rows } = await executor.query<{ seq: bigint; hash: Uint8Array }>(
    'SELECT seq, hash FROM audit_chain_heads WHERE tenant_id = $1',
    [tenantId],
    options,
  )
  const [row] = rows
  return row === undefined ? { sequence: 0n, hash: CHAIN_START } : { sequence: row.seq, hash: row.hash }
}

/**
 * The links from `first` to `last` with their entries, in order; one more than fit where some stand there twice. The log is
 * named before the chain, so that both are locked in the order in which linking and the removal of a month lock them.
 */
export async function readLinks(
  executor: SqlExecutor,
  tenantId: string,
  first: bigint,
  last: bigint,
  options: QueryOptions,
): Promise<readonly ChainLink[]> {
  const { rows } = await executor.query<LinkRow>(
    `SELECT c.seq, c.entry_id, (extract(epoch FROM c.at) * 1000000)::bigint AS at_micros, c.prev_hash, c.hash,
            l.actor, l.actor_kind, l.action, l.resource, l.outcome, l.request_id, l.details, l.personal, l.entry_text
       FROM audit_log l
      RIGHT JOIN audit_chain c ON l.tenant_id = c.tenant_id AND l.entry_id = c.entry_id AND l.at = c.at
      WHERE c.tenant_id = $1 AND c.seq BETWEEN $2 AND $3 ORDER BY c.seq, c.entry_id LIMIT $4`,
    [tenantId, first, last, last - first + 2n],
    options,
  )
  return rows.map((row) => linkOf(tenantId, row))
}

/** The closed segment that holds a place in the chain, if one does. */
export async function readSegment(
  executor: SqlExecutor,
  tenantId: string,
  sequence: bigint,
  options: QueryOptions,
): Promise<ClosedSegment | undefined> {
  const { rows } = await executor.query<{
    first_seq: bigint
    last_seq: bigint
    prev_hash: Uint8Array
    last_hash: Uint8Array
    closed_at: Date
    key_id: string
    signature: Uint8Array
  }>(
    `SELECT first_seq, last_seq, prev_hash, last_hash, closed_at, key_id, signature FROM audit_segments
      WHERE tenant_id = $1 AND first_seq <= $2 AND last_seq >= $2 ORDER BY first_seq DESC LIMIT 1`,
    [tenantId, sequence],
    options,
  )
  const [row] = rows
  if (row === undefined) return undefined
  return {
    tenantId,
    firstSequence: row.first_seq,
    lastSequence: row.last_seq,
    previousHash: row.prev_hash,
    lastHash: row.last_hash,
    closedAt: row.closed_at,
    keyId: row.key_id,
    signature: row.signature,
  }
}

/** What stands outside the chain: the first link beyond its head, and the first place before which an entry has no link. */
export async function readStrays(
  executor: SqlExecutor,
  tenantId: string,
  options: QueryOptions,
): Promise<{
  readonly beyondHead: bigint | null
  readonly unlinked: bigint | null
  readonly lost: boolean
  readonly waiting: bigint
}> {
  const { rows } = await executor.query<{
    beyond_head: bigint | null
    unlinked: bigint | null
    lost: boolean
    waiting: bigint
  }>(
    `WITH head AS (SELECT coalesce((SELECT seq FROM audit_chain_heads WHERE tenant_id = $1), 0) AS seq),
     stray AS (
       SELECT min(l.entry_id) AS entry_id FROM audit_log l
        WHERE l.tenant_id = $1
          AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.tenant_id = $1 AND c.entry_id = l.entry_id AND c.at = l.at)
          AND NOT EXISTS (SELECT FROM audit_unlinked u WHERE u.tenant_id = $1 AND u.entry_id = l.entry_id AND u.at = l.at)
     )
     SELECT (SELECT min(c.seq) FROM audit_chain c WHERE c.tenant_id = $1 AND c.seq > head.seq) AS beyond_head,
            CASE WHEN stray.entry_id IS NOT NULL THEN
              coalesce((SELECT min(c.seq) FROM audit_chain c WHERE c.tenant_id = $1 AND c.entry_id >= stray.entry_id), head.seq + 1)
            END AS unlinked,
            EXISTS (SELECT FROM audit_unlinked u WHERE u.tenant_id = $1 AND NOT EXISTS (
              SELECT FROM audit_log l WHERE l.tenant_id = $1 AND l.entry_id = u.entry_id AND l.at = u.at)) AS lost,
            (SELECT count(*) FROM audit_unlinked u WHERE u.tenant_id = $1) AS waiting
       FROM head, stray`,
    [tenantId],
    options,
  )
  const [row] = rows
  return {
    beyondHead: row?.beyond_head ?? null,
    unlinked: row?.unlinked ?? null,
    lost: row?.lost ?? false,
    waiting: row?.waiting ?? 0n,
  }
}

function linkOf(tenantId: string, row: LinkRow): ChainLink {
  const link = {
    sequence: row.seq,
    entryId: row.entry_id,
    atMicros: row.at_micros,
    previousHash: row.prev_hash,
    hash: row.hash,
  }
  if (row.actor === null) return { ...link, entry: undefined }
  const requestId = row.request_id === null ? {} : { requestId: row.request_id }
  return {
    ...link,
    entry: {
      text: row.entry_text,
      columns: {
        tenantId,
        actor: { id: row.actor, kind: row.actor_kind, ...requestId },
        action: row.action,
        resource: row.resource,
        outcome: row.outcome,
        details: row.details,
        ...(row.personal === null ? {} : { personal: row.personal }),
      },
    },
  }
}
