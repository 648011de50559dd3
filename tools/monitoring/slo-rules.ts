import { BURN_RATES, type BurnRate, WINDOWS } from './burn-rate.ts'
import type { AlertRule, RecordingRule, RuleFile } from './rule-file.ts'
import type { ServiceLevel } from './service-level.ts'

/** The recording rules and burn-rate alerts of service levels. */
export function sloRules(levels: readonly ServiceLevel[]): RuleFile {
  return {
    groups: [
      { name: 'slo-windows', interval: '1m', rules: levels.flatMap(windowRules) },
      { name: 'slo-budget', interval: '5m', rules: levels.flatMap(budgetRules) },
      { name: 'slo-alerts', interval: '1m', rules: levels.flatMap(alertRules) },
    ],
  }
}

function windowRules({ name, errors, events }: ServiceLevel): readonly RecordingRule[] {
  const labels = { slo: name }
  return WINDOWS.flatMap((window) => [
    { record: `slo:events:increase${window}`, labels, expr: events(window) },
    ...(window === '5m' ? [{ record: 'slo:errors:increase5m', labels, expr: errors(window) }] : []),
    // Without an event there is no share of bad ones: no series, in place of NaN.
    { record: `slo:error_ratio:${window}`, labels, expr: `${errors(window)} / (${events(window)} > 0)` },
  ])
}

function budgetRules({ name, objective }: ServiceLevel): readonly RecordingRule[] {
  const labels = { slo: name }
  const sum = (metric: string): string => `sum_over_time(${metric}:increase5m{slo="${name}"}[30d])`
  return [
    { record: 'slo:objective', labels, expr: `vector(${objective})` },
    { record: 'slo:error_ratio:30d', labels, expr: `${sum('slo:errors')} / (${sum('slo:events')} > 0)` },
  ]
}

function alertRules(level: ServiceLevel): readonly AlertRule[] {
  return (['page', 'ticket'] as const).map((severity) => ({
    alert: level.alert,
    expr: BURN_RATES.filter((rate) => rate.severity === severity)
      .map((rate) => burns(level, rate))
      .join('\nor\n'),
    for: '1m',
    labels: { severity, slo: level.name },
    annotations: {
      summary: SUMMARIES[severity],
      description: `${level.promise} Bad now: {{ $value | humanizePercentage }} of what was counted.`,
      runbook_url: runbookUrl(level.alert),
    },
  }))
}

const SUMMARIES = {
  page: "The month's errors of {{ $labels.slo }} will be spent within days.",
  ticket: "The month's errors of {{ $labels.slo }} will be spent before its end.",
}

function burns(
  { name, objective, ...least }: ServiceLevel,
  { factor, long, short, severity }: BurnRate,
): string {
  // Rounded, as 1 - 0.99 is not 0.01 to a computer.
  const limit = Number((factor * (1 - objective)).toFixed(6))
  const ratio = (window: string): string => `slo:error_ratio:${window}{slo="${name}"} > ${limit}`
  const events = severity === 'page' ? least.minPageEvents : least.minTicketEvents
  return (
    `(\n  ${ratio(long)}\n  and ${ratio(short)}\n` +
    `  and slo:events:increase${long}{slo="${name}"} >= ${events}\n)`
  )
}

/** Where an alert's runbook is: below the address that Prometheus has been told of. */
function runbookUrl(alert: string): string {
  return `{{ $externalLabels.runbooks }}/${alert}.md`
}
