import { type DashboardPlan, lines, p95, perHour, perSecond, stat } from '../dashboard-plan.ts'

const MILLION = 1_000_000

/** Tokens, money and models. */
export const budgets: DashboardPlan = {
  name: 'budgets',
  title: 'Budgets and cost',
  description: 'What is asked of budgets, what models use and cost, and how they answer.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Tokens of the last hour', 'short', perHour('budget_tokens_total{kind="used"}')),
        stat(
          'Money of the last hour',
          'short',
          `sum(increase(budget_money_micros_total{kind="used"}[1h])) / ${MILLION} or vector(0)`,
        ),
        stat('Denied in the last hour', 'short', perHour('budget_requests_total{outcome="denied"}'), {
          badFrom: 1,
        }),
        stat('Errors of the last hour', 'short', perHour('budget_errors_total'), { badFrom: 1 }),
        stat('Holds that ran out, last hour', 'short', perHour('budget_expiries_total'), { badFrom: 10 }),
        stat('Overdrafts of the last hour', 'short', perHour('budget_overdrafts_total'), { badFrom: 10 }),
      ],
    },
    {
      title: 'Budgets',
      panels: [
        lines('Requests by outcome', 'ops', { '{{outcome}}': perSecond('budget_requests_total', 'outcome') }),
        lines('Tokens', 'short', { '{{kind}}': perSecond('budget_tokens_total', 'kind') }),
        lines('Money', 'short', {
          '{{kind}} {{currency}}': `sum by (kind, currency) (rate(budget_money_micros_total[$__rate_interval])) / ${MILLION}`,
        }),
        lines('Requests answered as replays', 'ops', { replays: perSecond('idempotency_cache_hits_total') }),
        lines('Reservations in one call of the ledger', 'short', { p95: p95('budget_batch_length') }),
        lines('Reservations that wait', 'short', { waiting: 'sum(budget_queue_length)' }),
      ],
    },
    {
      title: 'Models',
      panels: [
        lines('Calls by outcome', 'ops', {
          '{{model}} {{outcome}}': perSecond('model_calls_total', 'model', 'outcome'),
        }),
        lines('Time of a call, p95', 's', { '{{model}}': p95('model_call_seconds', 'model') }),
        lines('Open calls', 'short', { '{{model}}': 'sum by (model) (model_calls_open)' }),
        lines('Tokens', 'short', { '{{model}} {{kind}}': perSecond('model_tokens_total', 'model', 'kind') }),
        lines('Cost', 'short', {
          '{{model}} {{currency}}': `sum by (model, currency) (rate(model_money_micros_total[$__rate_interval])) / ${MILLION}`,
        }),
        lines('Asking for a value', 'ops', { '{{outcome}}': perSecond('llm_attempts_total', 'outcome') }),
        lines('Answers that were refused', 'ops', { refused: perSecond('llm_validation_failures_total') }),
        lines('Fixes by which answers were read', 'ops', { fixes: perSecond('llm_validation_fixes_total') }),
        lines('Threats found in texts', 'ops', { threats: perSecond('llm_threat_findings_total') }),
      ],
    },
  ],
}
