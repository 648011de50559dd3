import { type DashboardPlan, lines, p95, perSecond, stat, states } from '../dashboard-plan.ts'

/** Circuits and what else keeps faults of others away. */
export const breakers: DashboardPlan = {
  name: 'breakers',
  title: 'Breakers',
  description: 'The states of circuits as the worst of all processes sees them, and what policies refuse.',
  rows: [
    {
      title: 'Circuits',
      panels: [
        stat('Open circuits', 'short', 'count(max by (name) (circuit_breaker_state) == 2) or vector(0)', {
          badFrom: 1,
        }),
        stat('Processes that decide alone', 'short', 'count(circuit_breaker_shared_up == 0) or vector(0)', {
          badFrom: 1,
        }),
        states('States', 'max by (name) (circuit_breaker_state)', '{{name}}'),
        lines('Calls by outcome', 'ops', {
          '{{name}} {{outcome}}': perSecond('circuit_breaker_calls_total', 'name', 'outcome'),
        }),
        lines('Time of a call, p95', 's', { '{{name}}': p95('circuit_breaker_call_seconds', 'name') }),
        lines('Transitions', 'ops', { transitions: perSecond('circuit_breaker_transitions_total') }),
        lines('Failures of sharing', 'ops', {
          failures: perSecond('circuit_breaker_sharing_failures_total'),
        }),
      ],
    },
    {
      title: 'Other policies',
      panels: [
        lines('Attempts after failures', 'ops', { retries: perSecond('retries_total') }),
        lines('Refusals of bulkheads and throttles', 'ops', {
          refusals: perSecond('policy_rejections_total'),
        }),
        lines('Calls that wait for a place', 'short', { waiting: 'sum(bulkhead_queue_length) or vector(0)' }),
      ],
    },
  ],
}
