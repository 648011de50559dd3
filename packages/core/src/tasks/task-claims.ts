import { randomUUID } from 'node:crypto'
import { requireInteger, requireText } from '../errors/index.ts'
import type { SqlDatabase } from '../storage/index.ts'

/** Who claims, and for how long. */
export interface TaskClaimsOptions {
  readonly database: SqlDatabase
  /** Unique for each runner, such as a UUID made at its start. */
  readonly owner: string
  /** Milliseconds until a claim lapses unless renewed, 1000 to 3600000. Default 60000 (60 seconds). */
  readonly leaseMs?: number
}

/** A root that the runner may work on now. */
export interface ClaimedTask {
  readonly tenantId: string
  readonly taskId: string
  /** Names this very claim: one that lapsed and was made anew, even by the same runner, is another. */
  readonly leaseId: string
  /** Runs that ended in {@link TaskClaims.postpone} since the task last changed its state. */
  readonly failedRuns: number
}

/** The longest pause of a root: a day. */
const MAX_PAUSE_MS = 86_400_000
/** Counted no further. */
const MAX_FAILED_RUNS = 1_000_000

/** Hands each open root to one runner at a time. The database's clock decides when a lease lapses. */
export class TaskClaims {
  readonly #database: SqlDatabase
  readonly #owner: string
  /** Milliseconds until a claim lapses unless renewed. */
  readonly leaseMs: number

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: TaskClaimsOptions) {
    this.#database = options.database
    this.#owner = requireText('owner', options.owner)
    this.leaseMs = requireInteger('leaseMs', options.leaseMs ?? 60_000, { min: 1000, max: 3_600_000 })
  }

  /** Claims the oldest open root that nobody holds, or undefined. @throws StorageError by code. */
  async claimNext(): Promise<ClaimedTask | undefined> {
    const leaseId = `${this.#owner}/${randomUUID()}`
    const result = await this.#database.query<{ tenant_id: string; task_id: string; failed_runs: number }>(
      `UPDATE tasks SET lease_owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2::float8 / 1000)
        WHERE position = (
          SELECT position FROM tasks
           WHERE kind = 'root' AND status NOT IN ('completed', 'failed', 'escalated', 'cancelled')
             AND (lease_until IS NULL OR lease_until < clock_timestamp())
           ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING tenant_id, task_id, failed_runs`,
      [leaseId, this.leaseMs],
    )
    const row = result.rows[0]
    if (row === undefined) return undefined
    return { tenantId: row.tenant_id, taskId: row.task_id, leaseId, failedRuns: row.failed_runs }
  }

  /** Renews the lease; false where the claim has gone to another or the task has ended. @throws StorageError by code. */
  async renew(claim: ClaimedTask): Promise<boolean> {
    const result = await this.#database.query(
      `UPDATE tasks SET lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => $4::float8 / 1000))
        WHERE tenant_id = $1 AND task_id = $2 AND lease_owner = $3
          AND status NOT IN ('completed', 'failed', 'escalated', 'cancelled')`,
      [claim.tenantId, claim.taskId, claim.leaseId, this.leaseMs],
    )
    return result.rowCount === 1
  }

  /**
   * Ends a run that failed: nobody claims the root for `afterMs` milliseconds (0 to 86400000), and the failure is
   * counted. Without effect where the claim is another's.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async postpone(claim: ClaimedTask, afterMs: number): Promise<void> {
    requireInteger('afterMs', afterMs, { max: MAX_PAUSE_MS })
    await this.#database.query(
      `UPDATE tasks SET failed_runs = least(failed_runs + 1, ${MAX_FAILED_RUNS}),
              lease_until = clock_timestamp() + make_interval(secs => $4::float8 / 1000)
        WHERE tenant_id = $1 AND task_id = $2 AND lease_owner = $3`,
      [claim.tenantId, claim.taskId, claim.leaseId, afterMs],
    )
  }

  /** Gives the claim back; without effect where it is another's. @throws StorageError by code. */
  async release(claim: ClaimedTask): Promise<void> {
    await this.#database.query(
      `UPDATE tasks SET lease_owner = NULL, lease_until = NULL
        WHERE tenant_id = $1 AND task_id = $2 AND lease_owner = $3`,
      [claim.tenantId, claim.taskId, claim.leaseId],
    )
  }

  /**
   * Ends every lease, whoever holds it. Only for a database that no other process can have open, such as a PGlite
   * folder just locked: there, a lease found at the start is that of a process that died.
   * @throws StorageError by code.
   */
  async releaseAll(): Promise<number> {
    const result = await this.#database.query(
      'UPDATE tasks SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL',
    )
    return result.rowCount
  }
}
