import type { RaisedEscalation, SettledBy } from '@golden-arch/governance/escalation'
import type { z } from 'zod'
import type { escalationSchema } from './escalation-answers.ts'

/** An escalation as the API shows it. */
export function escalationView(escalation: RaisedEscalation): z.infer<typeof escalationSchema> {
  const { assigned } = escalation
  const resolved = escalation.status === 'resolved' ? escalation : undefined
  return {
    id: escalation.escalationId,
    subject: escalation.subject,
    project_id: escalation.projectId,
    task_id: escalation.taskId,
    reason: escalation.reason,
    severity: escalation.severity,
    level: escalation.level,
    status: escalation.status,
    evidence: { ...escalation.evidence },
    occurrences: escalation.occurrences,
    raised_at: escalation.raisedAt.toISOString(),
    last_raised_at: escalation.lastRaisedAt.toISOString(),
    due_at: escalation.dueAt?.toISOString() ?? null,
    assigned:
      assigned === null
        ? null
        : { assignee: assigned.assignee, by: assigned.by, at: assigned.at.toISOString() },
    acknowledged: escalation.status === 'open' ? null : settledView(escalation.acknowledged),
    resolved: settledView(resolved?.resolved ?? null),
    resolution: resolved?.resolution ?? null,
    decision: resolved?.decision ?? null,
  }
}

function settledView(settled: SettledBy | null): { readonly by: string; readonly at: string } | null {
  return settled === null ? null : { by: settled.by, at: settled.at.toISOString() }
}
