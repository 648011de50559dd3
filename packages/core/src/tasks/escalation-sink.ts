import type { AlertSeverity } from '../observability/index.ts'
import type { SqlTransaction } from '../storage/index.ts'

/** What agents could not settle. */
export interface Escalation {
  readonly tenantId: string
  readonly projectId: string
  readonly taskId: string
  /** Why, as a short code. With the task it names the escalation: raised twice, it is one. */
  readonly reason: string
  /** How soon a person should look. Default `warning`. */
  readonly severity?: AlertSeverity
  /** Who is to look first. */
  readonly level: 'supervisor' | 'operator' | 'admin'
  /** Further facts: JSON values, no secrets. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Where escalations go. */
export interface EscalationSink {
  /**
   * Records the escalation with `tx`; again for the same task and reason it is the same one.
   * @throws StorageError by code; then the transaction must roll back.
   */
  raise(tx: SqlTransaction, escalation: Escalation): Promise<void>
}
