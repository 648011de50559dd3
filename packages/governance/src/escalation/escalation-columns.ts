import type { AlertSeverity } from '@golden-arch/core/observability'
import type { EscalationLevel } from '@golden-arch/core/tasks'
import type { EscalationDecision } from './escalation-decision.ts'
import type { EscalationFacts, RaisedEscalation, SettledBy } from './raised-escalation.ts'

/** A row of the table `escalations`. */
export interface EscalationRow {
  readonly tenant_id: string
  readonly escalation_id: string
  readonly subject_kind: string
  readonly subject_id: string
  readonly project_id: string | null
  readonly task_id: string | null
  readonly reason: string
  readonly severity: AlertSeverity
  readonly level: EscalationLevel
  readonly evidence: Record<string, unknown>
  readonly dedup_key: string
  readonly is_once: boolean
  readonly occurrences: number
  readonly raised_at: Date
  readonly last_raised_at: Date
  readonly timer_since: Date
  readonly due_at: Date | null
  readonly repeats: number
  readonly assigned_to: string | null
  readonly assigned_by: string | null
  readonly assigned_at: Date | null
  readonly acknowledged_by: string | null
  readonly acknowledged_at: Date | null
  readonly resolved_by: string | null
  readonly resolved_at: Date | null
  readonly resolution: string | null
  readonly decision: EscalationDecision | null
  readonly position: bigint
}

/** The columns of {@link EscalationRow}, of the table or its alias `e`. */
export const ESCALATION_COLUMNS = `e.tenant_id, e.escalation_id, e.subject_kind, e.subject_id, e.project_id,
  e.task_id, e.reason, e.severity, e.level, e.evidence, e.dedup_key, e.is_once, e.occurrences, e.raised_at,
  e.last_raised_at, e.timer_since, e.due_at, e.repeats, e.assigned_to, e.assigned_by, e.assigned_at,
  e.acknowledged_by, e.acknowledged_at, e.resolved_by, e.resolved_at, e.resolution, e.decision,
  e.position`

/** The escalation that a row holds. */
export function escalationOf(row: EscalationRow): RaisedEscalation {
  const facts = factsOf(row)
  const acknowledged = settledBy(row.acknowledged_by, row.acknowledged_at)
  const resolved = settledBy(row.resolved_by, row.resolved_at)
  if (resolved !== null && row.resolution !== null)
    return {
      ...facts,
      status: 'resolved',
      acknowledged,
      resolved,
      resolution: row.resolution,
      decision: row.decision,
    }
  return acknowledged === null
    ? { ...facts, status: 'open' }
    : { ...facts, status: 'acknowledged', acknowledged }
}

function factsOf(row: EscalationRow): EscalationFacts {
  const assigned = settledBy(row.assigned_by, row.assigned_at)
  return {
    tenantId: row.tenant_id,
    escalationId: row.escalation_id,
    subject: { kind: row.subject_kind, id: row.subject_id },
    projectId: row.project_id,
    taskId: row.task_id,
    reason: row.reason,
    severity: row.severity,
    level: row.level,
    evidence: row.evidence,
    deduplicationKey: row.dedup_key,
    isOnce: row.is_once,
    occurrences: row.occurrences,
    raisedAt: row.raised_at,
    lastRaisedAt: row.last_raised_at,
    timerSince: row.timer_since,
    dueAt: row.due_at,
    repeats: row.repeats,
    assigned:
      assigned === null || row.assigned_to === null ? null : { assignee: row.assigned_to, ...assigned },
  }
}

function settledBy(by: string | null, at: Date | null): SettledBy | null {
  return by === null || at === null ? null : { by, at }
}
