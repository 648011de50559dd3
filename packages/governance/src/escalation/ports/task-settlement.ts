import type { Actor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { EscalationDecision } from '../escalation-decision.ts'
import type { RaisedEscalation } from '../raised-escalation.ts'

/** What a person decided on the task of an escalation. */
export interface TaskDecision {
  readonly tenantId: string
  readonly taskId: string
  /** As it stands once it is resolved. */
  readonly escalation: RaisedEscalation
  readonly decision: EscalationDecision
  /** In the person's words. */
  readonly reason: string
  /** A person. */
  readonly actor: Actor
}

/** Where a person's word goes on from the escalation to the task that asked for it. */
export interface TaskSettlement {
  /**
   * Takes the decision to the task with `tx`, in which the escalation is resolved: both happen or neither.
   * @throws an error where the task cannot take it any more, such as one that has ended; then the escalation stays as it
   * was. StorageError by code.
   */
  settle(tx: SqlTransaction, decision: TaskDecision): Promise<void>
}
