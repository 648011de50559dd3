import type { Actor, AuditLog, AuditOutcome } from '@golden-arch/core/audit'
import { createEvent, type EventOutbox } from '@golden-arch/core/events'
import type { SqlTransaction } from '@golden-arch/core/storage'

/** Where what happens to prompts is written down, in the transaction in which it happens. */
export interface LearningRecords {
  /** Where events go. Default: none. */
  readonly outbox?: EventOutbox | undefined
  /** Where acts and refusals are recorded. Default: none. */
  readonly audit?: AuditLog | undefined
}

/** An act on the prompt of a role. */
export interface LearningAct {
  readonly tenantId: string
  /** The role acted on, as it was named: it may be unknown. */
  readonly agentRole: string
  readonly actor: Actor
  /** Such as `prompt.propose`. */
  readonly action: string
  readonly outcome: AuditOutcome
  readonly details: Readonly<Record<string, unknown>>
}

/** A fact about the prompt of a role. */
export interface LearningFact {
  readonly tenantId: string
  readonly agentRole: string
  /** Such as `prompt.changed`. */
  readonly type: string
  readonly at: Date
  /** Further facts; the role is added. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Writes the audit entry of an act, on the resource `prompt/<role>`. @throws StorageError by code. */
export async function recordAct(
  tx: SqlTransaction,
  records: LearningRecords,
  act: LearningAct,
): Promise<void> {
  const { agentRole, ...entry } = act
  await records.audit?.append(tx, { ...entry, resource: `prompt/${agentRole}` })
}

/** Writes the event of a fact, with the role as its subject. @throws StorageError by code. */
export async function recordFact(
  tx: SqlTransaction,
  records: LearningRecords,
  { tenantId, agentRole, type, at, data }: LearningFact,
): Promise<void> {
  const facts = { agentRole, ...data }
  await records.outbox?.append(tx, [
    createEvent({ source: 'governance', type, tenantId, subject: agentRole, data: facts }, at),
  ])
}
