import { type Complete, requireInteger, requireMethods, withDefaults } from '../../errors/index.ts'
import { type Logger, type Metrics, silentLogger, silentMetrics } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import type { CheckpointSink } from '../checkpoints/checkpoint-sink.ts'
import { type AuditSigner, requireSigner } from '../checkpoints/signature.ts'

/** When and where checkpoints are written. */
export interface CheckpointOptions {
  /** Signs the checkpoints. */
  readonly signer: AuditSigner
  /** Where they go: out of the reach of whoever may change the database. */
  readonly sink: CheckpointSink
  /** A checkpoint after this many links of a tenant, 1 to 1000000. Default 1000. */
  readonly everyEntries?: number | undefined
  /** A checkpoint at the latest this many milliseconds after the last one, if the chain has grown: 1000 to 86400000. Default 300000 (5 minutes). */
  readonly everyMs?: number | undefined
}

/** How entries are linked. */
export interface AuditLinkerOptions {
  /** Whose entries are linked. */
  readonly database: SqlDatabase
  /** Links made in one transaction, 1 to 10000. Default 500. */
  readonly maxBatchLength?: number | undefined
  /** Milliseconds between two looks at what waits, 10 to 3600000. Default 1000 (1 second). */
  readonly pollIntervalMs?: number | undefined
  /** Months whose partitions are made ahead, 0 to 24. Default 2. */
  readonly monthsAhead?: number | undefined
  /** Default: no checkpoints. */
  readonly checkpoints?: CheckpointOptions | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Where pauses come from; instants are the database's. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The options as the linker relies on them. */
export interface ResolvedAuditLinkerOptions extends Complete<Omit<AuditLinkerOptions, 'checkpoints'>> {
  readonly checkpoints: Complete<CheckpointOptions> | undefined
}

const DEFAULTS = Object.freeze({
  database: undefined,
  maxBatchLength: 500,
  pollIntervalMs: 1000,
  monthsAhead: 2,
  checkpoints: undefined,
  logger: silentLogger,
  metrics: silentMetrics,
  clock: systemClock,
})

const CHECKPOINT_DEFAULTS = Object.freeze({
  signer: undefined,
  sink: undefined,
  everyEntries: 1000,
  everyMs: 300_000,
})

/** @throws InvalidOptionError `INVALID_OPTION` on the first option that breaks its rule. */
export function resolveAuditLinkerOptions(options: AuditLinkerOptions): ResolvedAuditLinkerOptions {
  const resolved = withDefaults(options, DEFAULTS)
  requireMethods('database', resolved.database, ['query', 'transaction'])
  requireInteger('maxBatchLength', resolved.maxBatchLength, { min: 1, max: 10_000 })
  requireInteger('pollIntervalMs', resolved.pollIntervalMs, { min: 10, max: 3_600_000 })
  requireInteger('monthsAhead', resolved.monthsAhead, { max: 24 })
  const { checkpoints } = resolved
  return { ...resolved, checkpoints: checkpoints === undefined ? undefined : resolveCheckpoints(checkpoints) }
}

function resolveCheckpoints(options: CheckpointOptions): Complete<CheckpointOptions> {
  const resolved = withDefaults(options, CHECKPOINT_DEFAULTS, 'checkpoints.')
  requireSigner(resolved.signer)
  requireMethods('checkpoints.sink', resolved.sink, ['write'])
  requireInteger('checkpoints.everyEntries', resolved.everyEntries, { min: 1, max: 1_000_000 })
  requireInteger('checkpoints.everyMs', resolved.everyMs, { min: 1000, max: 86_400_000 })
  return resolved
}
