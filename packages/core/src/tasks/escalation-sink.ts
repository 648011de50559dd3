import type { AlertSeverity } from '../observability/index.ts'
import type { SqlTransaction } from '../storage/index.ts'
import type { EscalationLevel } from './waiting-for.ts'

/** What agents could not settle. */
export interface Escalation {
  readonly tenantId: string
  readonly projectId: string
  readonly taskId: string
  /** Why, as a short code. */
  readonly reason: string
  /** Version of the task that asks. With the task and the reason it names the escalation: raised twice, it is one. */
  readonly askedAtVersion: number
  /** How soon a person should look. Default `warning`. */
  readonly severity?: AlertSeverity
  /** Who is to look first. */
  readonly level: EscalationLevel
  /** Further facts: JSON values, no secrets. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Where escalations go. */
export interface EscalationSink {
  /**
   * Records the escalation with `tx`; again for the same task, reason and version it is the same one.
   * @throws StorageError by code; then the transaction must roll back.
   */
  raise(tx: SqlTransaction, escalation: Escalation): Promise<void>
}
