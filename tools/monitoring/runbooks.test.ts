import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { METRICS } from '@golden-arch/core/observability'
import { describe, expect, it } from 'vitest'
import { SERVER_ROLES } from '../../examples/reference-server/src/server-role.ts'
import { DASHBOARDS_FOLDER } from './generated-files.ts'
import { metricNames } from './promql-names.ts'
import { MONITORING_FOLDER, readRules } from './rule-file.ts'

const FOLDER = join(MONITORING_FOLDER, '..', '..', 'docs', 'runbooks')
const PAGES = readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const)
const METRICS_BY_NAME = new Map(Object.values(METRICS).map((metric) => [metric.name, metric]))
/** What is told by Prometheus itself, by Node, or by our recording rules. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'up',
  'nodejs_eventloop_lag_p99_seconds',
  'kube_cronjob_status_last_successful_time',
  ...readRules().flatMap((rule) => ('record' in rule ? [rule.record] : [])),
])
/** In this order: what is felt, where to look, by which commands, what to do, and whom to call. */
const PARTS = [
  /^\*\*Felt\*\*: \S/m,
  /^\*\*Look at\*\*\n\n- \S/m,
  /^```bash\n\S/m,
  /^\*\*Do\*\*\n\n1\. \S/m,
  /^\*\*Escalate\*\*: \S/m,
]

function commandsOf(page: string): readonly string[] {
  return (/^```bash\n([^`]*)```$/m.exec(page)?.[1] ?? '').trim().split('\n')
}

function queriesOf(page: string): readonly string[] {
  return commandsOf(page).flatMap(
    (line) => /^promtool query instant \$PROMETHEUS '(.*)'$/.exec(line)?.[1] ?? [],
  )
}

describe.each(PAGES)('the runbook %s', (_name, page) => {
  it('says what is felt, where to look, what to do and whom to call, in this order', () => {
    const places = PARTS.map((part) => page.search(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((one, other) => one - other))
  })

  it('asks for metrics and labels that there are', () => {
    for (const query of queriesOf(page)) {
      const names = metricNames(query)
      const metrics = names.filter((name) => !ELSEWHERE.has(name)).map((name) => name.replace(/_bucket$/, ''))
      expect(metrics.filter((name) => !METRICS_BY_NAME.has(name))).toEqual([])
      const [, labels = ''] = /\bby \(([^()]*)\)/.exec(query) ?? []
      const known = metrics.flatMap((name) => METRICS_BY_NAME.get(name)?.labelNames ?? [])
      const given = [...known, 'le', 'role', 'job', '__name__']
      expect(given).toEqual(expect.arrayContaining(labels === '' ? [] : labels.split(', ')))
    }
  })

  it('asks for services that there are, in our namespace', () => {
    for (const line of commandsOf(page).filter((each) => each.startsWith('kubectl'))) {
      expect(line).toMatch(/^kubectl --namespace golden-architecture /)
      const [, role] =
        /(?:app\.kubernetes\.io\/name=|service-name=|deployment\/|autoscaler )([a-z-]+)/.exec(line) ?? []
      if (role !== undefined) expect(SERVER_ROLES).toContain(role)
    }
  })
})

it.each([
  ['SandboxFailures', 'sandbox', 'refusals by code', /by \(code\) \(rate\(sandbox_refusals_total\[/],
  [
    'DeadLettersPileUp',
    'messaging',
    'given up, by stream and code',
    /by \(stream, code\) \(rate\(messages_dead_lettered_total\[/,
  ],
  [
    'RequestErrorBudgetBurn',
    'overview',
    'failed requests by route',
    /by \(method, route\) \(rate\(http_requests_total\{[^}]*status_class=\\"5xx\\"\}\[/,
  ],
])('the runbook %s sends to the dashboard %s for %s, and they are there', (name, dashboard, what, query) => {
  expect(readFileSync(join(FOLDER, `${name}.md`), 'utf8')).toContain(what)
  expect(readFileSync(join(DASHBOARDS_FOLDER, `${dashboard}.json`), 'utf8')).toMatch(query)
})
