import { METRICS } from '@golden-arch/core/observability'

type Definition = (typeof METRICS)[keyof typeof METRICS]

/** What a name begins with, and whose it then is. */
const OWNERS: readonly (readonly [prefixes: readonly string[], title: string])[] = [
  [['http_'], 'HTTP'],
  [['task', 'active_tasks', 'queue_depth', 'auto_fix'], 'Tasks'],
  [['model_', 'llm_'], 'Models and their answers'],
  [['budget_', 'idempotency_'], 'Budgets'],
  [['sandbox_'], 'Sandbox'],
  [['peer_review_', 'review_', 'escalation', 'learning_'], 'Governance'],
  [['circuit_breaker_', 'policy_', 'bulkhead_', 'retries_'], 'Resilience'],
  [['message', 'outbox_', 'dlq_', 'webhook_'], 'Messaging and alerts'],
  [['rbac_', 'sign_ins', 'limiter_', 'audit_'], 'Security and audit'],
  [['component_', 'service_'], 'Processes and what they lean on'],
]
const REST = 'Metrics themselves'

const UNITS = {
  things: 'number',
  seconds: 'seconds',
  tokens: 'tokens',
  micros: 'millionths of a currency',
  state: 'state',
} as const

const HEAD = `# Metrics

Every metric that the packages measure, as \`METRICS\` of \`@golden-arch/core/observability\` declares it. The reference server
tells them under \`/metrics\`, with those of its process and of Node (\`process_*\`, \`nodejs_*\`) beside them. A metric has at
most 1000 series; what is measured with further labels counts under the value \`other\`, and
\`metric_series_refused_total\` tells of it.

This page is written by \`node --conditions=golden-arch-source tools/metrics-page.ts\`.
`

/** The text of docs/metrics.md. */
export function metricsPage(): string {
  const definitions = Object.values(METRICS).sort((a, b) => (a.name < b.name ? -1 : 1))
  const titles = [...OWNERS.map(([, title]) => title), REST]
  const parts = titles.map((title) => {
    const rows = definitions.filter((one) => titleOf(one) === title).map(rowOf)
    return `\n## ${title}\n\n| metric | kind | unit | labels | what it tells |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return HEAD + parts.join('')
}

function titleOf({ name }: Definition): string {
  const owner = OWNERS.find(([prefixes]) => prefixes.some((prefix) => name.startsWith(prefix)))
  return owner?.[1] ?? REST
}

function rowOf({ name, kind, unit = 'things', labelNames, help, buckets }: Definition): string {
  const labels = labelNames.map((label) => `\`${label}\``).join(', ')
  const bounds = buckets === undefined ? '' : `. Buckets up to ${buckets.join(', ')}`
  return `| \`${name}\` | ${kind} | ${UNITS[unit]} | ${labels} | ${help}${bounds} |`
}
