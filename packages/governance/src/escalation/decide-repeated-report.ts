import type { AlertSeverity } from '@golden-arch/core/observability'
import type { EscalationLevel } from '@golden-arch/core/tasks'
import { firstLevel, timerDueAt } from './decide-level.ts'
import type { EscalationPolicy } from './escalation-policy.ts'
import { severityRank } from './escalation-severity.ts'
import { levelRank } from './level-rank.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

/** What becomes of an escalation that is reported again: it is only counted, or it is worse than it was. */
export type RepeatedReportDecision =
  | { readonly kind: 'count' }
  | {
      readonly kind: 'worsen'
      readonly severity: AlertSeverity
      readonly level: EscalationLevel
      readonly repeats: number
      readonly timerSince: Date
      readonly dueAt: Date | null
    }

/**
 * Decides what becomes of an unresolved escalation that is reported again. Where it is worse, the policy of the worse
 * severity holds, and the time that it has waited at its level counts; an acknowledgement stands. The level never goes
 * down.
 */
export function decideRepeatedReport(
  escalation: RaisedEscalation,
  report: { readonly severity: AlertSeverity; readonly level: EscalationLevel | undefined },
  policy: EscalationPolicy,
  now: Date,
): RepeatedReportDecision {
  const { severity } = report
  if (escalation.status === 'resolved' || severityRank(severity) <= severityRank(escalation.severity))
    return { kind: 'count' }
  const { status } = escalation
  const first = firstLevel(policy[severity], report.level)
  const isHigher = levelRank(first) > levelRank(escalation.level)
  const level = isHigher ? first : escalation.level
  const repeats = isHigher ? 0 : escalation.repeats
  // How long somebody has had it in hand does not begin anew with its level.
  const timerSince = isHigher && status === 'open' ? now : escalation.timerSince
  const dueAt = timerDueAt({ status, severity, level, repeats }, policy, timerSince)
  return { kind: 'worsen', severity, level, repeats, timerSince, dueAt }
}
