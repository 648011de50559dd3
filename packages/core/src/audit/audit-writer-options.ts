import { type Complete, requireInteger, requireMethods, withDefaults } from '../errors/index.ts'
import { type Metrics, silentMetrics } from '../observability/index.ts'
import type { SqlDatabase } from '../storage/index.ts'
import { type Clock, systemClock } from '../time/index.ts'
import type { PersonalVault } from './personal/personal-vault.ts'
import type { AuditRedaction } from './redaction.ts'

/** How entries are gathered and written. */
export interface AuditWriterOptions {
  /** Where entries are stored. */
  readonly database: SqlDatabase
  /** Entries written in one statement, 1 to 1000. Default 100. */
  readonly maxBatchLength?: number | undefined
  /** Milliseconds that the first entry of a batch waits for others, 0 to 60000. Default 10. */
  readonly lingerMs?: number | undefined
  /** Entries that may wait at once, 1 to 1000000; beyond, a write is refused. Default 10000. */
  readonly maxQueueLength?: number | undefined
  /** What is taken out of details. Default: what is known as a secret by its name or shape. */
  readonly redaction?: AuditRedaction | undefined
  /** Where personal values are kept. Default: none, an entry with such values is then refused. */
  readonly vault?: PersonalVault | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Where pauses come from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The options as the writer relies on them. */
export type ResolvedAuditWriterOptions = Complete<AuditWriterOptions, 'vault'>

const DEFAULTS = Object.freeze({
  database: undefined,
  maxBatchLength: 100,
  lingerMs: 10,
  maxQueueLength: 10_000,
  redaction: {},
  vault: undefined,
  metrics: silentMetrics,
  clock: systemClock,
})

/** @throws InvalidOptionError `INVALID_OPTION` on the first option that breaks its rule. */
export function resolveAuditWriterOptions(options: AuditWriterOptions): ResolvedAuditWriterOptions {
  const resolved = withDefaults(options, DEFAULTS)
  requireMethods('database', resolved.database, ['transaction'])
  requireInteger('maxBatchLength', resolved.maxBatchLength, { min: 1, max: 1000 })
  requireInteger('lingerMs', resolved.lingerMs, { max: 60_000 })
  requireInteger('maxQueueLength', resolved.maxQueueLength, { min: 1, max: 1_000_000 })
  return resolved
}
