import { requireInteger } from '../errors/index.ts'
import { type Metrics, silentMetrics } from '../observability/index.ts'
import type { SqlDatabase } from '../storage/index.ts'
import { type Clock, systemClock } from '../time/index.ts'
import type { PersonalVault } from './personal/personal-vault.ts'
import type { AuditRedaction } from './redaction.ts'

/** How entries are gathered and written. */
export interface AuditWriterOptions {
  readonly database: SqlDatabase
  /** Entries written in one statement, 1 to 1000. Default 100. */
  readonly maxBatchLength?: number
  /** Milliseconds that the first entry of a batch waits for others, 0 to 60000. Default 10. */
  readonly maxDelayMs?: number
  /** Entries that may wait at once, 1 to 1000000; beyond, a write is refused. Default 10000. */
  readonly maxQueueLength?: number
  /** What is taken out of details. Default: what is known as a secret by its name or shape. */
  readonly redaction?: AuditRedaction
  /** Where personal values are kept. Default none: an entry with such values is then refused. */
  readonly vault?: PersonalVault
  readonly metrics?: Metrics
  readonly clock?: Clock
}

/** The options as the writer relies on them. */
export interface ResolvedAuditWriterOptions extends Required<Omit<AuditWriterOptions, 'vault'>> {
  readonly vault: PersonalVault | undefined
}

/** @throws InvalidOptionError `INVALID_OPTION` on the first option that breaks its rule. */
export function resolveAuditWriterOptions(options: AuditWriterOptions): ResolvedAuditWriterOptions {
  const { maxBatchLength = 100, maxDelayMs = 10, maxQueueLength = 10_000 } = options
  return {
    database: options.database,
    maxBatchLength: requireInteger('maxBatchLength', maxBatchLength, { min: 1, max: 1000 }),
    maxDelayMs: requireInteger('maxDelayMs', maxDelayMs, { max: 60_000 }),
    maxQueueLength: requireInteger('maxQueueLength', maxQueueLength, { min: 1, max: 1_000_000 }),
    redaction: options.redaction ?? {},
    vault: options.vault,
    metrics: options.metrics ?? silentMetrics,
    clock: options.clock ?? systemClock,
  }
}
