import { requireInteger, requireMethods, requireTenantId, withDefaults } from '../../errors/index.ts'
import { type Metrics, silentMetrics } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import type { AuditKeys } from '../checkpoints/signature.ts'

/** What is verified, and against what. */
export interface VerifyAuditLogOptions {
  /** Whose log is verified. */
  readonly database: SqlDatabase
  /** The tenant whose chain is verified, 1 to 128 characters. */
  readonly tenantId: string
  /**
   * Checkpoints from outside the database, of any tenants; the newest 10,000 of this one count. Without any, a tail that
   * was cut off together with the chain's head, and a chain that was written anew from end to end, pass unseen. Default: none.
   */
  readonly checkpoints?: AsyncIterable<Checkpoint> | Iterable<Checkpoint> | undefined
  /** Public keys of whoever signed checkpoints and closed segments. Default: none, so that no signature is trusted. */
  readonly keys?: AuditKeys | undefined
  /** Links read at a time, 1 to 10000. Default 1000. */
  readonly pageSize?: number | undefined
  /** Ends the verification with `ABORTED`. Default: none. */
  readonly signal?: AbortSignal | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
}

/** The options as the verification relies on them. */
export interface ResolvedVerifyOptions {
  readonly database: SqlDatabase
  readonly tenantId: string
  readonly checkpoints: AsyncIterable<Checkpoint> | Iterable<Checkpoint>
  readonly keys: AuditKeys
  readonly pageSize: number
  readonly query: { readonly signal: AbortSignal | undefined }
  readonly metrics: Metrics
}

const DEFAULTS = Object.freeze({
  database: undefined,
  tenantId: undefined,
  checkpoints: [],
  keys: new Map(),
  pageSize: 1000,
  signal: undefined,
  metrics: silentMetrics,
})

/** @throws InvalidOptionError `INVALID_OPTION` on the first option that breaks its rule. */
export function resolveVerifyOptions(options: VerifyAuditLogOptions): ResolvedVerifyOptions {
  const { signal, ...resolved } = withDefaults<VerifyAuditLogOptions, typeof DEFAULTS>(options, DEFAULTS)
  requireMethods('database', resolved.database, ['query'])
  requireTenantId(resolved.tenantId)
  requireInteger('pageSize', resolved.pageSize, { min: 1, max: 10_000 })
  return { ...resolved, query: { signal } }
}
