import { requireInteger } from '../../errors/index.ts'
import { type Logger, type Metrics, silentLogger, silentMetrics } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import type { CheckpointSink } from '../checkpoints/checkpoint-sink.ts'
import { type AuditSigner, requireSigner } from '../checkpoints/signature.ts'

/** When and where checkpoints are written. */
export interface CheckpointOptions {
  readonly signer: AuditSigner
  readonly sink: CheckpointSink
  /** A checkpoint after this many links of a tenant, 1 to 1000000. Default 1000. */
  readonly everyEntries?: number
  /** A checkpoint at the latest this many milliseconds after the last one, if the chain has grown: 1000 to 86400000. Default 300000 (5 minutes). */
  readonly everyMs?: number
}

/** How entries are linked. */
export interface AuditLinkerOptions {
  readonly database: SqlDatabase
  /** Links made in one transaction, 1 to 10000. Default 500. */
  readonly batchSize?: number
  /** Milliseconds between two looks at what waits, 10 to 3600000. Default 1000 (1 second). */
  readonly pollIntervalMs?: number
  /** Months whose partitions are made ahead, 0 to 24. Default 2. */
  readonly monthsAhead?: number
  /** Default: no checkpoints. */
  readonly checkpoints?: CheckpointOptions
  readonly logger?: Logger
  readonly metrics?: Metrics
  readonly clock?: Clock
}

/** The options as the linker relies on them. */
export interface ResolvedAuditLinkerOptions {
  readonly database: SqlDatabase
  readonly batchSize: number
  readonly pollIntervalMs: number
  readonly monthsAhead: number
  readonly checkpoints: Required<CheckpointOptions> | undefined
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: Clock
}

/** @throws InvalidOptionError `INVALID_OPTION` on the first option that breaks its rule. */
export function resolveAuditLinkerOptions(options: AuditLinkerOptions): ResolvedAuditLinkerOptions {
  return {
    database: options.database,
    batchSize: requireInteger('batchSize', options.batchSize ?? 500, { min: 1, max: 10_000 }),
    pollIntervalMs: requireInteger('pollIntervalMs', options.pollIntervalMs ?? 1000, {
      min: 10,
      max: 3_600_000,
    }),
    monthsAhead: requireInteger('monthsAhead', options.monthsAhead ?? 2, { max: 24 }),
    checkpoints: options.checkpoints === undefined ? undefined : resolveCheckpoints(options.checkpoints),
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? silentMetrics,
    clock: options.clock ?? systemClock,
  }
}

function resolveCheckpoints(options: CheckpointOptions): Required<CheckpointOptions> {
  const { everyEntries = 1000, everyMs = 300_000 } = options
  return {
    signer: requireSigner(options.signer),
    sink: options.sink,
    everyEntries: requireInteger('checkpoints.everyEntries', everyEntries, { min: 1, max: 1_000_000 }),
    everyMs: requireInteger('checkpoints.everyMs', everyMs, { min: 1000, max: 86_400_000 }),
  }
}
