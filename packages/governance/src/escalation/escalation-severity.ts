import type { AlertSeverity } from '@golden-arch/core/observability'

/** The severities of alerts and escalations, from the least to the worst. */
export const ESCALATION_SEVERITIES: readonly ['info', 'warning', 'critical'] = ['info', 'warning', 'critical']

/** How bad a severity is: 0 for the least. */
export function severityRank(severity: AlertSeverity): number {
  return ESCALATION_SEVERITIES.indexOf(severity)
}
