import { requireTenantId } from '../../errors/index.ts'
import { type Counter, type Gauge, METRICS } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { repeat } from '../../time/index.ts'
import { writeDueCheckpoints } from '../checkpoints/write-due-checkpoints.ts'
import {
  type AuditLinkerOptions,
  type ResolvedAuditLinkerOptions,
  resolveAuditLinkerOptions,
} from './audit-linker-options.ts'

/** What one round of a linker did. */
export interface LinkRound {
  /** Entries that got their place. */
  readonly linked: number
  /** Tenants that had entries waiting. */
  readonly tenants: number
  /** Checkpoints that were written. */
  readonly checkpoints: number
  /** Whether more may wait than was taken. */
  readonly hasMore: boolean
}

const WAITING_TENANTS = `WITH RECURSIVE waiting AS (
  (SELECT tenant_id, at FROM audit_unlinked ORDER BY tenant_id, entry_id LIMIT 1)
  UNION ALL
  SELECT next.tenant_id, next.at FROM waiting
   CROSS JOIN LATERAL (SELECT u.tenant_id, u.at FROM audit_unlinked u WHERE u.tenant_id > waiting.tenant_id
                        ORDER BY u.tenant_id, u.entry_id LIMIT 1) next
)
SELECT tenant_id, extract(epoch FROM clock_timestamp() - at)::float8 AS age_seconds FROM waiting LIMIT 1000`

/** How long making a partition may wait for whoever uses the log, since those who come later wait behind it. */
const PARTITION_LOCK_MS = 2000
const PARTITIONS_EVERY_MS = 3_600_000
const MIN_FAILURE_DELAY_MS = 1000

/**
 * Gives the entries that wait their places in the chains of their tenants, makes the partitions of the months to come and
 * writes checkpoints. Any process may run one, and any number at once: the database lets one at a time extend a chain,
 * and a batch is linked whole or not at all, so that one that dies loses and repeats nothing.
 */
export class AuditLinker {
  readonly #options: ResolvedAuditLinkerOptions
  readonly #linked: Counter
  readonly #lagSeconds: Gauge

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: AuditLinkerOptions) {
    this.#options = resolveAuditLinkerOptions(options)
    this.#linked = this.#options.metrics.counter(METRICS.auditEntriesLinked)
    this.#lagSeconds = this.#options.metrics.gauge(METRICS.auditLinkLagSeconds)
  }

  /**
   * Links one batch of each tenant that has entries waiting, and writes the checkpoints that are due. A tenant whose chain
   * another process extends just now is left to it.
   * @throws StorageError by code; what the checkpoint sink throws. What was linked before stays linked.
   */
  async runOnce(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<LinkRound> {
    const { database, maxBatchLength, checkpoints } = this.#options
    const { rows } = await database.query<{ tenant_id: string; age_seconds: number }>(WAITING_TENANTS)
    this.#lagSeconds.set(Math.max(0, ...rows.map((row) => row.age_seconds)))
    let linked = 0
    let hasMore = false
    for (const { tenant_id } of rows) {
      if (options.signal?.aborted === true) break
      const count = await this.#link(tenant_id, false)
      linked += count
      hasMore ||= count === maxBatchLength
    }
    const written = checkpoints === undefined ? 0 : await writeDueCheckpoints({ ...checkpoints, database })
    return { linked, tenants: rows.length, checkpoints: written, hasMore }
  }

  /**
   * Links all that waits of one tenant, waiting its turn where another process is at it, and resolves with how much
   * this call linked: before a verification or an export that is to have everything.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async linkTenant(
    tenantId: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<number> {
    requireTenantId(tenantId)
    let linked = 0
    while (options.signal?.aborted !== true) {
      const count = await this.#link(tenantId, true)
      linked += count
      if (count < this.#options.maxBatchLength) break
    }
    return linked
  }

  /**
   * Makes the partitions of this month and the months ahead where they are wanting, and resolves with how many it made.
   * Without them entries are kept in the partition for the rest: none is lost, but its months cannot leave one by one.
   * @throws StorageError by code, `LOCK_TIMEOUT` where the log was in use for 2 seconds.
   */
  async prepareMonths(): Promise<number> {
    const { database, monthsAhead } = this.#options
    return await prepareMonths(database, monthsAhead)
  }

  /**
   * Links until the signal fires, then finishes the batch at hand and resolves. Failures are logged and paused over.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { pollIntervalMs, clock, logger } = this.#options
    let preparedAtMs: number | undefined
    await repeat(
      async (signal) => {
        const nowMs = clock.monotonicMs()
        if (preparedAtMs === undefined || nowMs - preparedAtMs >= PARTITIONS_EVERY_MS) {
          preparedAtMs = nowMs
          await this.#tryToPrepareMonths()
        }
        const { hasMore } = await this.runOnce({ signal })
        return hasMore
      },
      {
        signal: options.signal,
        pollIntervalMs,
        clock,
        backoff: { initialDelayMs: Math.max(pollIntervalMs, MIN_FAILURE_DELAY_MS), maxDelayMs: 60_000 },
        onFailure: (error, { failures, delayMs }) =>
          logger.error({ err: error, failures, delayMs }, 'audit linker round failed'),
      },
    )
  }

  async #tryToPrepareMonths(): Promise<void> {
    try {
      await this.prepareMonths()
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'audit partitions of the months ahead were not made')
    }
  }

  async #link(tenantId: string, waits: boolean): Promise<number> {
    const { database, maxBatchLength } = this.#options
    const { rows } = await database.query<{ linked: number }>('SELECT audit_link($1, $2, $3) AS linked', [
      tenantId,
      maxBatchLength,
      waits,
    ])
    const linked = rows[0]?.linked ?? 0
    if (linked > 0) this.#linked.increment({}, linked)
    return linked
  }
}

async function prepareMonths(database: SqlDatabase, monthsAhead: number): Promise<number> {
  return await database.transaction(async (tx) => {
    await tx.query(`SET LOCAL lock_timeout = ${PARTITION_LOCK_MS}`)
    const { rows } = await tx.query<{ made: number }>('SELECT audit_prepare_months($1) AS made', [
      monthsAhead,
    ])
    return rows[0]?.made ?? 0
  })
}
