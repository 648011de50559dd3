import type { Actor, AuditOutcome } from '@golden-arch/core/audit'
import { createEvent } from '@golden-arch/core/events'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { PatternSupervisorParts } from './pattern-supervisor-options.ts'

/** An act of learning from failures, as it is written down. */
export interface PatternAct {
  readonly tenantId: string
  readonly actor: Actor
  /** As `pattern.rollBack`. */
  readonly action: string
  /** As `pattern/<id>` or `pattern-update/<id>`. */
  readonly resource: string
  readonly outcome: AuditOutcome
  /** As `pattern.rolledBack`; null where the act changed nothing. */
  readonly event: { readonly type: string; readonly at: Date } | null
  readonly details: Readonly<Record<string, unknown>>
}

/** Writes the audit entry and the event of an act with `tx`. @throws StorageError by code. */
export async function recordPatternAct(
  tx: SqlTransaction,
  { audit, outbox }: Pick<PatternSupervisorParts, 'audit' | 'outbox'>,
  act: PatternAct,
): Promise<void> {
  const { event, ...entry } = act
  await audit?.append(tx, entry)
  if (event === null) return
  const { tenantId, resource: subject, details: data } = act
  const { type, at } = event
  await outbox?.append(tx, [createEvent({ source: 'governance', type, tenantId, subject, data }, at)])
}
