import { requireInteger } from '@golden-arch/core/errors'
import type { Metrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { LearningRecords } from './learning-records.ts'
import type { PromptGate } from './ports/prompt-gate.ts'

/** What a `PromptGovernor` is made of. */
export interface PromptGovernorOptions extends LearningRecords {
  /** A database with the migration module `governance`. */
  readonly database: SqlDatabase
  /** What every proposed text must pass, checked in this order in the deciding transaction. Default: none. */
  readonly gates?: readonly PromptGate[]
  /** Where acts are counted by what came of them. Default: nowhere. */
  readonly metrics?: Metrics
  /** Proposals of one role of a tenant that may wait at once, 1 to 1000. Default 20. */
  readonly maxPendingPerRole?: number
  /** Milliseconds to wait for others who decide on the same role, 1 to 600000. Default 10000 (10 seconds). */
  readonly lockTimeoutMs?: number
}

/** The options with their defaults. */
export interface ResolvedPromptGovernorOptions {
  readonly database: SqlDatabase
  readonly records: LearningRecords
  readonly gates: readonly PromptGate[]
  readonly maxPendingPerRole: number
  readonly lockTimeoutMs: number
}

/** What holds unless an option says otherwise. */
export const DEFAULT_PROMPT_GOVERNOR_OPTIONS: Readonly<{ maxPendingPerRole: number; lockTimeoutMs: number }> =
  Object.freeze({ maxPendingPerRole: 20, lockTimeoutMs: 10_000 })

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION` on a number out of range. */
export function resolvePromptGovernorOptions(options: PromptGovernorOptions): ResolvedPromptGovernorOptions {
  const { database, outbox, audit, gates = [] } = options
  const { maxPendingPerRole, lockTimeoutMs } = { ...DEFAULT_PROMPT_GOVERNOR_OPTIONS, ...options }
  return {
    database,
    records: {
      ...(outbox === undefined ? {} : { outbox }),
      ...(audit === undefined ? {} : { audit }),
    },
    gates: [...gates],
    maxPendingPerRole: requireInteger('maxPendingPerRole', maxPendingPerRole, { min: 1, max: 1000 }),
    lockTimeoutMs: requireInteger('lockTimeoutMs', lockTimeoutMs, { min: 1, max: 600_000 }),
  }
}
