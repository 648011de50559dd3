import { InvalidOptionError, requireMethods, withDefaults } from '../../errors/index.ts'
import { type Logger, silentLogger } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { AuditError } from '../audit-error.ts'
import { verifyAuditLog } from '../chain/verify-audit-log.ts'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import { type AuditKeys, type AuditSigner, requireSigner } from '../checkpoints/signature.ts'
import { type AuditPartition, closePartition, listPartitions, tenantsOf } from './audit-partitions.ts'

/** How old entries are let go. */
export interface AuditRetentionOptions {
  /** Connected as the owner of the tables: an application's own role may drop nothing. */
  readonly database: SqlDatabase
  /** Signs the closed segments. */
  readonly signer: AuditSigner
  /** Trusted public keys, among them those of segments that were closed before. Default: none. */
  readonly keys?: AuditKeys | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
}

const DEFAULTS = Object.freeze({
  database: undefined,
  signer: undefined,
  keys: new Map(),
  logger: silentLogger,
})

/** What was let go. */
export interface ClosedPartition {
  /** The month as `2026_11`, or `rest` for what no month had taken. */
  readonly partition: string
  /** Signed segments, at least one for each tenant with entries there. */
  readonly segments: number
}

/**
 * Removes whole months of the audit log. Each part of a chain that leaves is first verified, then signed as a closed
 * segment in the transaction that drops it, so that what remains can still be proven. The log is in use meanwhile: it is
 * held for the drop alone.
 */
export class AuditRetention {
  readonly #database: SqlDatabase
  readonly #signer: AuditSigner
  readonly #keys: AuditKeys
  readonly #logger: Logger

  /** @throws InvalidOptionError `INVALID_OPTION` on a signer without a private Ed25519 key. */
  constructor(options: AuditRetentionOptions) {
    const { database, signer, keys, logger } = withDefaults<AuditRetentionOptions, typeof DEFAULTS>(
      options,
      DEFAULTS,
    )
    this.#database = requireMethods('database', database, ['query', 'transaction'])
    this.#signer = requireSigner(signer)
    this.#keys = keys
    this.#logger = logger
  }

  /**
   * Removes the months that ended at `before` or earlier, oldest first. Export them beforehand where they must be kept.
   * @throws AuditError `AUDIT_CHAIN_BROKEN` where a chain does not verify, `AUDIT_ENTRIES_WAITING` (retryable) where an entry
   * of the month has no link yet; StorageError by code, `LOCK_TIMEOUT` where somebody else held the log for 5 seconds and
   * `DEADLOCK` where he also waited for what this holds (both retryable). Months closed before that stay closed.
   */
  async closeBefore(
    before: Date,
    options: {
      /** What to verify against, asked for anew for each tenant. Default: none. */
      readonly checkpoints?: (() => AsyncIterable<Checkpoint> | Iterable<Checkpoint>) | undefined
      readonly signal?: AbortSignal | undefined
    } = {},
  ): Promise<readonly ClosedPartition[]> {
    if (!(before instanceof Date) || Number.isNaN(before.getTime())) {
      throw new InvalidOptionError('before', 'a valid Date', String(before))
    }
    const closed: ClosedPartition[] = []
    for (const partition of await listPartitions(this.#database, before)) {
      if (options.signal?.aborted === true) break
      await this.#verify(partition, options)
      const segments = await closePartition(this.#database, partition, before, this.#signer)
      if (segments === undefined) continue
      this.#logger.info({ partition: partition.suffix, segments }, 'audit partition closed')
      closed.push({ partition: partition.suffix, segments })
    }
    return closed
  }

  async #verify(
    partition: AuditPartition,
    { checkpoints, signal }: NonNullable<Parameters<AuditRetention['closeBefore']>[1]>,
  ): Promise<void> {
    for (const tenantId of await tenantsOf(this.#database, partition)) {
      const result = await verifyAuditLog({
        database: this.#database,
        tenantId,
        keys: this.#keys,
        checkpoints: checkpoints?.(),
        signal,
      })
      if (result.ok) continue
      const { firstBadSequence, reason } = result
      throw new AuditError({
        code: 'AUDIT_CHAIN_BROKEN',
        message: `the audit chain of ${tenantId} is bad from ${firstBadSequence} on (${reason}), so nothing of it is removed`,
        details: { tenantId, firstBadSequence, reason },
      })
    }
  }
}
