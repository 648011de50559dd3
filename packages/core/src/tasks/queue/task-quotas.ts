import { requireInteger, requireMethods, requireText, withDefaults } from '../../errors/index.ts'
import type { SqlDatabase, SqlTransaction } from '../../storage/index.ts'
import { TaskError } from '../task-error.ts'

/** How many roots a tenant may have. Null: no bound. */
export interface TaskQuota {
  /** Roots that have not ended, 0 to 1000000. */
  readonly maxOpen: number | null
  /** Roots at work at once, 0 to 100000: begun and neither ended nor escalated. */
  readonly maxRunning: number | null
}

/** The bounds of a tenant. */
export interface TenantQuota extends Partial<TaskQuota> {
  readonly tenantId: string
}

/** How one call works. */
export interface QuotaCallOptions {
  /** The caller's transaction, in which it is done. Default: one of its own. */
  readonly tx?: SqlTransaction | undefined
}

/** What a {@link TaskQuotas} is made of. */
export interface TaskQuotasOptions {
  /** A database with the migration module `tasks`. Never closed here. */
  readonly database: SqlDatabase
  /** What holds for a tenant as far as it has no bound of its own. Default no bounds. */
  readonly defaults?: Partial<TaskQuota> | undefined
  /** Milliseconds after which a refused caller should ask again, 1 to 86400000. Default 5000 (5 seconds). */
  readonly retryAfterMs?: number | undefined
}

interface QuotaRow {
  readonly max_open: number | null
  readonly max_running: number | null
  readonly has_parked: boolean
}

const DEFAULTS = { database: undefined, defaults: Object.freeze({}), retryAfterMs: 5000 }
const MAX_OPEN = 1_000_000
const MAX_RUNNING = 100_000

/**
 * How many roots each tenant may have open and at work. The tenant's row is locked by whoever adds a root, so the bounds
 * hold exactly, among any number of processes; a tenant without bounds waits for nobody.
 */
export class TaskQuotas {
  readonly #database: SqlDatabase
  readonly #defaults: TaskQuota
  readonly #retryAfterMs: number

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: TaskQuotasOptions) {
    const { database, defaults, retryAfterMs } = withDefaults(options, DEFAULTS)
    this.#database = requireMethods('database', database, ['query', 'transaction'])
    const { maxOpen = null, maxRunning = null } = requireQuota(defaults)
    this.#defaults = { maxOpen, maxRunning }
    this.#retryAfterMs = requireInteger('retryAfterMs', retryAfterMs, { min: 1, max: 86_400_000 })
  }

  /**
   * Sets the bounds of a tenant, in `tx` where one is given; null: as by default; left out: as before. Tasks beyond a lowered
   * bound stay.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async set({ tenantId, ...quota }: TenantQuota, { tx }: QuotaCallOptions = {}): Promise<void> {
    const { maxOpen, maxRunning } = requireQuota(quota)
    await (tx ?? this.#database).query(
      `INSERT INTO task_quotas AS q (tenant_id, max_open, max_running) VALUES ($1, $2::int, $3::int)
       ON CONFLICT (tenant_id) DO UPDATE SET updated_at = clock_timestamp(),
             max_open = CASE WHEN $4::boolean THEN excluded.max_open ELSE q.max_open END,
             max_running = CASE WHEN $5::boolean THEN excluded.max_running ELSE q.max_running END`,
      [
        requireText('tenantId', tenantId, 128),
        maxOpen ?? null,
        maxRunning ?? null,
        maxOpen !== undefined,
        maxRunning !== undefined,
      ],
    )
  }

  /** The bounds that hold for a tenant. @throws StorageError by code. */
  async get({ tenantId }: { readonly tenantId: string }): Promise<TaskQuota> {
    const { rows } = await this.#database.query<QuotaRow>(
      'SELECT max_open, max_running, has_parked FROM task_quotas WHERE tenant_id = $1',
      [tenantId],
    )
    return this.#effective(rows[0])
  }

  /**
   * Holds a tenant to its bound of open roots: call it with the transaction that added some, after they were added.
   * @throws TaskError `TASK_QUOTA_EXCEEDED` (retryable, `details.retryAfterMs`), then the transaction must roll back;
   * StorageError by code.
   */
  async requireRoom(
    { tenantId }: { readonly tenantId: string },
    { tx }: { readonly tx: SqlTransaction },
  ): Promise<void> {
    const { quota } = await this.#lock(tx, tenantId, 'maxOpen')
    if (quota.maxOpen === null) return
    // The statement begins after the lock was given, and so sees the roots of all who held it before. In the order of
    // the index: the planner might hope to find as many soon wherever it begins.
    const { rows } = await tx.query<{ open: number }>(
      `SELECT count(*)::int AS open FROM (
         SELECT FROM tasks
          WHERE tenant_id = $1 AND kind = 'root' AND status NOT IN ('completed', 'failed', 'cancelled')
          ORDER BY is_admitted, position LIMIT $2::int) AS roots`,
      [tenantId, quota.maxOpen + 1],
    )
    if (Number(rows[0]?.open) <= quota.maxOpen) return
    throw new TaskError({
      code: 'TASK_QUOTA_EXCEEDED',
      message: `tenant ${tenantId} may have ${quota.maxOpen} tasks open`,
      retryable: true,
      details: { tenantId, maxOpen: quota.maxOpen, retryAfterMs: this.#retryAfterMs },
    })
  }

  /**
   * How many more roots of a tenant may begin now, Infinity where there is no bound; the answer holds until `tx` ends.
   * None may overtake those that are parked, unless `isForParked`.
   * @throws StorageError by code.
   */
  async placesFor(
    {
      tenantId,
      isForParked = false,
    }: { readonly tenantId: string; readonly isForParked?: boolean | undefined },
    { tx }: { readonly tx: SqlTransaction },
  ): Promise<number> {
    const { quota, hasParked } = await this.#lock(tx, tenantId, 'maxRunning')
    if (hasParked && !isForParked) return 0
    if (quota.maxRunning === null) return Number.POSITIVE_INFINITY
    const { rows } = await tx.query<{ running: number }>(
      `SELECT count(*)::int AS running FROM (
         SELECT FROM tasks
          WHERE tenant_id = $1 AND kind = 'root' AND is_admitted
            AND status NOT IN ('completed', 'failed', 'cancelled', 'escalated')
          ORDER BY position LIMIT $2::int) AS roots`,
      [tenantId, quota.maxRunning],
    )
    return quota.maxRunning - Number(rows[0]?.running)
  }

  /** Locks the tenant's row, and makes it first where a bound by default needs one. */
  async #lock(
    tx: SqlTransaction,
    tenantId: string,
    bound: keyof TaskQuota,
  ): Promise<{ readonly quota: TaskQuota; readonly hasParked: boolean }> {
    const text = 'SELECT max_open, max_running, has_parked FROM task_quotas WHERE tenant_id = $1'
    const seen = (await tx.query<QuotaRow>(text, [tenantId])).rows[0]
    const quota = this.#effective(seen)
    if (quota[bound] === null && seen?.has_parked !== true) return { quota, hasParked: false }
    if (seen === undefined) {
      await tx.query('INSERT INTO task_quotas (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING', [tenantId])
    }
    const row = (await tx.query<QuotaRow>(`${text} FOR UPDATE`, [tenantId])).rows[0]
    return { quota: this.#effective(row), hasParked: row?.has_parked === true }
  }

  #effective(row: QuotaRow | undefined): TaskQuota {
    return {
      maxOpen: row?.max_open ?? this.#defaults.maxOpen,
      maxRunning: row?.max_running ?? this.#defaults.maxRunning,
    }
  }
}

const UNSAID = { maxOpen: undefined, maxRunning: undefined }

/** A bound that is misspelt would be one left out. */
function requireQuota(quota: Partial<TaskQuota>): Partial<TaskQuota> {
  const { maxOpen, maxRunning } = withDefaults(quota, UNSAID)
  if (maxOpen !== undefined && maxOpen !== null) requireInteger('maxOpen', maxOpen, { max: MAX_OPEN })
  if (maxRunning !== undefined && maxRunning !== null)
    requireInteger('maxRunning', maxRunning, { max: MAX_RUNNING })
  return quota
}
