import { type DashboardPlan, lines, p95, perSecond, rarePerSecond, stat } from '../dashboard-plan.ts'

const JOB = 'job="golden-architecture"'

/** The first look: promises, requests, tasks, processes. */
export const overview: DashboardPlan = {
  name: 'overview',
  title: 'System overview',
  description: 'The first look: what is promised, what is asked, what is worked on, and by whom.',
  rows: [
    {
      title: 'Promises',
      panels: [
        stat('Alerts that fire', 'short', 'count(ALERTS{alertstate="firing"}) or vector(0)', { badFrom: 1 }),
        stat('Processes that serve', 'short', `sum(up{${JOB}, role=~"all|gateway"})`, { badBelow: 1 }),
        stat('Failed requests', 'percentunit', 'slo:error_ratio:1h{slo="requests"}', { badFrom: 0.01 }),
        stat('Request, p95', 's', 'http_request_time_p95', { badFrom: 0.1 }),
        stat('Completed tasks', 'percentunit', 'task_completion_rate', { badBelow: 0.95 }),
        stat('Peer review, p95', 's', 'peer_review_consensus_time_p95', { badFrom: 180 }),
        stat('Sandbox timeouts', 'percentunit', 'sandbox_timeout_rate', { badFrom: 0.05 }),
        stat('Sandbox, p95', 's', 'sandbox_execution_time_p95'),
        stat('Active tasks', 'short', 'max(active_tasks)'),
        stat('Open escalations', 'short', 'max(escalations_open)', { badFrom: 1 }),
        stat('Dead letters', 'short', 'max(dlq_message_count)', { badFrom: 10 }),
        stat('Outbox lag', 's', 'max(outbox_lag_seconds)', { badFrom: 60 }),
      ],
    },
    {
      title: 'Requests',
      panels: [
        lines('Requests by route', 'reqps', {
          '{{method}} {{route}}': `topk(10, ${perSecond(`http_requests_total{${JOB}}`, 'method', 'route')})`,
        }),
        lines('Answers by status', 'reqps', {
          '{{status_class}}': perSecond(`http_requests_total{${JOB}}`, 'status_class'),
        }),
        lines('Failed requests by route', 'reqps', {
          '{{method}} {{route}}': `topk(10, ${rarePerSecond(`http_requests_total{${JOB}, status_class="5xx"}`, 'method', 'route')})`,
        }),
        lines('Time by route, p95', 's', {
          '{{route}}': `topk(10, ${p95('http_request_seconds', 'route')})`,
        }),
      ],
    },
    {
      title: 'Tasks',
      panels: [
        lines('Active tasks', 'short', { active: 'max(active_tasks)' }),
        lines('Transitions', 'ops', { '{{to}}': perSecond('task_transitions_total', 'to') }),
        lines('Ended tasks', 'ops', {
          '{{kind}} {{status}}': perSecond('tasks_ended_total', 'kind', 'status'),
        }),
        lines('Fixes of failed guards', 'ops', { fixes: perSecond('auto_fix_total') }),
        lines('Work that is due, by service', 'short', { '{{service}}': 'max by (service) (queue_depth)' }),
        lines('Open escalations', 'short', { open: 'max(escalations_open)' }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        lines('Processes that answer', 'short', { '{{role}}': `sum by (role) (up{${JOB}})` }),
        lines('Measurements without a series of their own', 'ops', {
          refused: perSecond('metric_series_refused_total'),
        }),
      ],
    },
  ],
}
