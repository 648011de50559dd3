import { type DashboardPlan, lines, perHour, perSecond, stat } from '../dashboard-plan.ts'

/** Who gets in, who is refused, and whether the audit log holds. */
export const security: DashboardPlan = {
  name: 'security',
  title: 'Security',
  description: 'Who gets in, who is refused and limited, and whether the audit log holds.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Bad audit chains', 'short', 'sum(audit_verification_failures_total) or vector(0)', {
          badFrom: 1,
        }),
        stat('Audit entries wait for', 's', 'max(audit_link_lag_seconds)', { badFrom: 300 }),
        stat('Processes that limit alone', 'short', 'sum(limiter_degraded) or vector(0)', { badFrom: 1 }),
        stat('Denials of the last hour', 'short', perHour('rbac_permission_denied_total')),
      ],
    },
    {
      title: 'Over time',
      panels: [
        lines('Tries to sign in', 'ops', { '{{outcome}}': perSecond('sign_ins_total', 'outcome') }),
        lines('Refused for want of a permission', 'ops', {
          refused: perSecond('rbac_permission_denied_total'),
        }),
        lines('Decisions of the rate limiter', 'ops', {
          '{{role}} {{outcome}}': perSecond('limiter_decisions_total', 'role', 'outcome'),
        }),
        lines('Audit entries', 'ops', {
          written: perSecond('audit_entries_written_total'),
          linked: perSecond('audit_entries_linked_total'),
        }),
      ],
    },
  ],
}
