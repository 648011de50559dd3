import { requireInteger, requireText } from '../../errors/index.ts'
import { type Metrics, silentMetrics } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import type { AuditKeys } from '../checkpoints/signature.ts'

/** What is verified, and against what. */
export interface VerifyAuditLogOptions {
  readonly database: SqlDatabase
  /** The tenant whose chain is verified, 1 to 128 characters. */
  readonly tenantId: string
  /**
   * Checkpoints from outside the database, of any tenants; the newest 10,000 of this one count. Without any, a tail that
   * was cut off together with the chain's head, and a chain that was written anew from end to end, pass unseen. Default none.
   */
  readonly checkpoints?: AsyncIterable<Checkpoint> | Iterable<Checkpoint>
  /** Public keys of whoever signed checkpoints and closed segments. Default none, so that no signature is trusted. */
  readonly keys?: AuditKeys
  /** Links read at a time, 1 to 10000. Default 1000. */
  readonly pageSize?: number
  /** Ends the verification with `ABORTED`. Default none. */
  readonly signal?: AbortSignal
  /** Default none. */
  readonly metrics?: Metrics
}

/** The options as the verification relies on them. */
export interface ResolvedVerifyOptions {
  readonly database: SqlDatabase
  readonly tenantId: string
  readonly checkpoints: AsyncIterable<Checkpoint> | Iterable<Checkpoint>
  readonly keys: AuditKeys
  readonly pageSize: number
  readonly query: { readonly signal?: AbortSignal }
  readonly metrics: Metrics
}

/** @throws InvalidOptionError `INVALID_OPTION` on the first option that breaks its rule. */
export function resolveVerifyOptions(options: VerifyAuditLogOptions): ResolvedVerifyOptions {
  return {
    database: options.database,
    tenantId: requireText('tenantId', options.tenantId, 128),
    checkpoints: options.checkpoints ?? [],
    keys: options.keys ?? new Map(),
    pageSize: requireInteger('pageSize', options.pageSize ?? 1000, { min: 1, max: 10_000 }),
    query: options.signal === undefined ? {} : { signal: options.signal },
    metrics: options.metrics ?? silentMetrics,
  }
}
