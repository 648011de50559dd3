import { requireMethods, requireOneOf, requireTenantId, withDefaults } from '../../../errors/index.ts'
import { type Page, type PageOptions, pageBounds, pageOf, type SqlExecutor } from '../../../storage/index.ts'
import type { ActorKind } from '../../actor.ts'
import type { AuditOutcome, AuditRecord, PersonalReference } from '../../audit-entry.ts'

/** Which entries are wanted. What is given must all hold. */
export interface AuditQuery extends PageOptions {
  /** 1 to 128 characters. */
  readonly tenantId: string
  /** Id of who acted. */
  readonly actorId?: string | undefined
  /** What was done, in full: `task.create`. */
  readonly action?: string | undefined
  /** What it was done to, in full: `task/t-1`. */
  readonly resource?: string | undefined
  readonly outcome?: AuditOutcome | undefined
  /** Entries from this instant on. */
  readonly from?: Date | undefined
  /** Entries before this instant. */
  readonly before?: Date | undefined
}

interface EntryRow {
  readonly entry_id: bigint
  readonly at: Date
  readonly actor: string
  readonly actor_kind: ActorKind
  readonly action: string
  readonly resource: string
  readonly outcome: AuditOutcome
  readonly request_id: string | null
  readonly details: Readonly<Record<string, unknown>>
  readonly personal: PersonalReference | null
  readonly seq: bigint | null
}

/** Reads the audit log, the newest entry first; entries that wait for their link are among them. */
export class AuditReader {
  readonly #database: SqlExecutor

  /** @throws InvalidOptionError `INVALID_OPTION` on what is no database. */
  constructor(options: { readonly database: SqlExecutor }) {
    const { database } = withDefaults<typeof options, { database: undefined }>(options, {
      database: undefined,
    })
    this.#database = requireMethods('database', database, ['query'])
  }

  /**
   * One page of a tenant's entries, the newest first.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async query(query: AuditQuery): Promise<Page<AuditRecord>> {
    const { limit, position } = pageBounds(query)
    const tenantId = requireTenantId(query.tenantId)
    const conditions = ['l.tenant_id = $1']
    const values: unknown[] = [tenantId]
    const where = (condition: string, value: unknown): void => {
      if (value === undefined) return
      values.push(value)
      conditions.push(`${condition} $${values.length}`)
    }
    where('l.actor =', query.actorId)
    where('l.action =', query.action)
    where('l.resource =', query.resource)
    where(
      'l.outcome =',
      query.outcome && requireOneOf('outcome', query.outcome, ['allowed', 'denied', 'failed']),
    )
    where('l.at >=', query.from)
    where('l.at <', query.before)
    where('l.entry_id <', position)
    const { rows } = await this.#database.query<EntryRow>(
      `SELECT l.entry_id, l.at, l.actor, l.actor_kind, l.action, l.resource, l.outcome, l.request_id, l.details, l.personal,
              (SELECT c.seq FROM audit_chain c WHERE c.tenant_id = l.tenant_id AND c.entry_id = l.entry_id AND c.at = l.at) AS seq
         FROM audit_log l WHERE ${conditions.join(' AND ')} ORDER BY l.entry_id DESC LIMIT ${limit + 1}`,
      values,
    )
    return pageOf(
      rows,
      limit,
      (row) => recordOf(tenantId, row),
      (row) => row.entry_id,
    )
  }
}

function recordOf(tenantId: string, row: EntryRow): AuditRecord {
  const { actor, actor_kind, action, resource, outcome, request_id, details, personal } = row
  return {
    entryId: String(row.entry_id),
    at: row.at,
    tenantId,
    actor: { id: actor, kind: actor_kind, ...(request_id === null ? {} : { requestId: request_id }) },
    action,
    resource,
    outcome,
    details,
    ...(personal === null ? {} : { personal }),
    sequence: row.seq === null ? null : String(row.seq),
  }
}
