import { type DashboardPlan, lines, p95, perSecond, rarePerSecond, stat } from '../dashboard-plan.ts'

/** Code of models, and where it runs. */
export const sandbox: DashboardPlan = {
  name: 'sandbox',
  title: 'Sandbox',
  description: 'How code of models runs, how long it waits and takes, and whether it stays inside.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Escapes', 'short', 'sum(sandbox_escapes_total) or vector(0)', {
          badFrom: 1,
          description: 'Any is an alarm.',
        }),
        stat('Timeouts', 'percentunit', 'sandbox_timeout_rate', { badFrom: 0.05 }),
        stat('Execution, p95', 's', 'sandbox_execution_time_p95'),
        stat('Waiting', 'short', 'sum(sandbox_queue_depth)', { badFrom: 20 }),
        stat('Open sessions', 'short', 'sum(sandbox_sessions_open)'),
        stat('Work that is due', 'short', 'max(queue_depth{service="sandbox-executor"})', { badFrom: 50 }),
      ],
    },
    {
      title: 'Executions',
      panels: [
        lines('Executions by how they ended', 'ops', {
          '{{backend}} {{status}}': perSecond('sandbox_executions_total', 'backend', 'status'),
        }),
        lines('Time of an execution, p95', 's', {
          '{{backend}} {{language}}': p95('sandbox_execution_seconds', 'backend', 'language'),
        }),
        lines('Time in the queue, p95', 's', {
          '{{priority}}': p95('sandbox_queue_wait_seconds', 'priority'),
        }),
        lines('Waiting', 'short', { '{{backend}}': 'sum by (backend) (sandbox_queue_depth)' }),
        lines('Failures of the host', 'ops', { failures: perSecond('sandbox_execution_failures_total') }),
        lines('Refusals by code', 'ops', { '{{code}}': rarePerSecond('sandbox_refusals_total', 'code') }),
      ],
    },
    {
      title: 'Sandboxes',
      panels: [
        lines('Started ahead', 'short', { ready: 'sum(sandbox_pool_size) or vector(0)' }),
        lines('Starts', 'ops', { starts: perSecond('sandbox_starts_total') }),
        lines('Orphans removed', 'ops', { orphans: perSecond('sandbox_orphans_reaped_total') }),
        lines('Connections that programs asked for', 'ops', {
          connections: perSecond('sandbox_egress_connections_total'),
        }),
      ],
    },
  ],
}
