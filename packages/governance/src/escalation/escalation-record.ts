import type { Actor, AuditLog } from '@golden-arch/core/audit'
import { createEvent, type EventOutbox } from '@golden-arch/core/events'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { insertAlert } from './alert-rows.ts'
import type { EscalationAlertKind } from './escalation-alert.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

const SOURCE = 'governance'

/** Where changes of escalations are told. */
export interface EscalationTrail {
  readonly outbox: EventOutbox | undefined
  readonly audit: AuditLog | undefined
}

/** A change of an escalation, as it stands after it. */
export interface EscalationTelling {
  readonly escalation: RaisedEscalation
  readonly actor: Actor
  /** Of the audit log, after `escalation.`. */
  readonly action: string
  /** Of the event, after `escalation.`. */
  readonly event: string
  readonly at: Date
  /** Further facts of the event and the audit entry. */
  readonly facts?: Readonly<Record<string, unknown>>
  /** Default: nobody is called. */
  readonly alert?: EscalationAlertKind
}

/** Writes the audit entry, the event and the alert of a change with its transaction. */
export async function tellChange(
  tx: SqlTransaction,
  { outbox, audit }: EscalationTrail,
  { escalation, actor, action, event, at, facts = {}, alert }: EscalationTelling,
): Promise<void> {
  const { tenantId, escalationId, projectId, taskId, subject, reason, severity, level } = escalation
  await audit?.append(tx, {
    tenantId,
    actor,
    action: `escalation.${action}`,
    resource: `escalation/${escalationId}`,
    outcome: 'allowed',
    details: { taskId, subject, reason, severity, level, ...facts },
  })
  const data = { escalationId, projectId, taskId, subject, reason, severity, level, ...facts }
  await outbox?.append(tx, [
    createEvent(
      { source: SOURCE, type: `escalation.${event}`, tenantId, subject: taskId ?? escalationId, data },
      at,
    ),
  ])
  if (alert !== undefined) await insertAlert(tx, alert, escalation)
}
