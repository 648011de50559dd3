import type { AlertSink } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { LearningRecords } from '../learning-records.ts'
import type { PromptGate } from '../ports/prompt-gate.ts'

/** Checked options of a `PromptCanary`. */
export interface CanaryServices {
  readonly database: SqlDatabase
  readonly gates: readonly PromptGate[]
  readonly records: LearningRecords
  readonly alerts: AlertSink
  readonly maxShareMilli: number
  readonly lockTimeoutMs: number
}
