import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { METRICS } from '@golden-arch/core/observability'
import { describeWithService, temporaryFolder } from '@golden-arch/testkit'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { listAt, textAt } from '../kubernetes/manifests/manifest.ts'
import { KUBERNETES_FOLDER, parseManifests } from '../kubernetes/manifests/read-manifests.ts'
import { metricNames } from './promql-names.ts'

const execute = promisify(execFile)
const SLOW_MS = 300_000
const REVISION = '6f5c'
const [TEMPLATE] = parseManifests(
  readFileSync(join(KUBERNETES_FOLDER, 'components/canary/analysis.yaml'), 'utf8'),
)
const METRIC_OF = new Map(listAt(TEMPLATE, 'spec.metrics').map((metric) => [textAt(metric, 'name'), metric]))

function queryOf(name: string): string {
  const query = textAt(METRIC_OF.get(name), 'provider.prometheus.query')
  return query.replaceAll('{{args.revision}}', REVISION)
}

type Verdict = 'success' | 'failure' | 'unclear'

/** What Argo Rollouts makes of a measurement: that of the condition which holds, or neither. Each is of the one form used. */
function verdictOf(name: string, result: readonly number[]): Verdict {
  const holds = (condition: string): boolean => {
    const text = textAt(METRIC_OF.get(name), condition)
    const [, operator, bound] = /^len\(result\) > 0 && result\[0\] (<|>=) ([\d.]+)$/.exec(text) ?? []
    if (operator === undefined) throw new Error(`${text} is not understood`)
    const [value] = result
    if (value === undefined) return false
    return operator === '<' ? value < Number(bound) : value >= Number(bound)
  }
  if (holds('failureCondition')) return 'failure'
  return holds('successCondition') ? 'success' : 'unclear'
}

/** A series of the gateway, by minute, in the notation of promtool. */
function series(metric: string, labels: Readonly<Record<string, string>>, values: string): object {
  const all = { job: 'golden-architecture', namespace: 'golden-architecture', role: 'gateway', ...labels }
  const text = Object.entries(all).map(([label, value]) => `${label}="${value}"`)
  return { series: `${metric}{${text.join(', ')}}`, values }
}

const requests = (status: string, values: string, revision = REVISION, pod = 'a'): object =>
  series('http_requests_total', { revision, pod, status_class: status, route: '/api/v1/tasks' }, values)
const up = (values: string, pod = 'a', revision = REVISION): object => series('up', { revision, pod }, values)

type Case = readonly [
  title: string,
  name: string,
  input: readonly object[],
  result: readonly number[],
  verdict: Verdict,
]

const CASES: readonly Case[] = [
  [
    'goes back where one answer in ten is a failure',
    'failures',
    [requests('2xx', '0+90x30'), requests('5xx', '0+10x30')],
    [0.1],
    'failure',
  ],
  [
    'goes back where failures are on one of its pods',
    'failures',
    [requests('2xx', '0+100x30'), requests('5xx', '0+100x30', REVISION, 'b')],
    [0.5],
    'failure',
  ],
  [
    'goes on where none is',
    'failures',
    [requests('2xx', '0+90x30'), requests('4xx', '0+90x30')],
    [0],
    'success',
  ],
  [
    'goes on where few are',
    'failures',
    [requests('2xx', '0+99x30'), requests('5xx', '0+1x30')],
    [0.01],
    'success',
  ],
  [
    'goes on where those of the release before fail',
    'failures',
    [requests('2xx', '0+100x30'), requests('5xx', '0+100x30', 'before', 'c')],
    [0],
    'success',
  ],
  [
    'stops where it was asked too little to judge, however bad that was',
    'failures',
    [requests('2xx', '0+5x30'), requests('5xx', '0+5x30')],
    [],
    'unclear',
  ],
  [
    'stops where it was asked nothing, rather than dividing by it',
    'failures',
    [requests('2xx', '0x30')],
    [],
    'unclear',
  ],
  ['stops where nothing is known of it', 'failures', [requests('2xx', '0+90x30', 'before')], [], 'unclear'],
  ['goes on where each of its pods answers', 'answering', [up('1x60'), up('0 1x59', 'b')], [1], 'success'],
  ['goes on where a scrape was missed', 'answering', [up('1x38 0 1')], [1], 'success'],
  [
    'goes back where one of its pods does not answer',
    'answering',
    [up('1x60'), up('1x20 0x40', 'b')],
    [0],
    'failure',
  ],
  ['waits for a pod that was found just now', 'answering', [up('1x60'), up('_x38 0 0', 'b')], [1], 'success'],
  ['stops where no pod is found', 'answering', [up('1x60', 'c', 'before')], [], 'unclear'],
]

describe('the analysis of a canary', () => {
  it('asks for what the server tells, by labels that it has or that discovery gives', () => {
    const told = new Map(Object.values(METRICS).map((metric) => [metric.name, metric.labelNames]))
    const ofDiscovery = ['job', 'namespace', 'role', 'revision']
    for (const name of METRIC_OF.keys()) {
      for (const metric of metricNames(queryOf(name))) {
        const labels = told.get(metric) ?? []
        if (metric !== 'up') expect(told.has(metric), metric).toBe(true)
        const asked = [...queryOf(name).matchAll(/(\w+)="/g)].map(([, label = '']) => label)
        expect([...ofDiscovery, ...labels]).toEqual(expect.arrayContaining(asked))
      }
    }
  })

  it('judges in three ways alone', () => {
    expect(verdictOf('failures', [0.05])).toBe('failure')
    expect(verdictOf('failures', [0.049])).toBe('success')
    expect(verdictOf('failures', [Number.NaN])).toBe('unclear')
    expect(verdictOf('failures', [])).toBe('unclear')
  })
})

describeWithService('prometheus', 'a release of the gateway', (address) => {
  it.each(CASES)(
    '%s (%s)',
    async (_title, name, input, result, verdict) => {
      const folder = await temporaryFolder('canary')
      try {
        const file = join(folder.path, 'analysis.yaml')
        const asked = {
          expr: queryOf(name),
          eval_time: '20m',
          exp_samples: result.map((value) => ({ labels: '{}', value })),
        }
        // Scrapes are half a minute apart; requests are counted by the minute.
        const interval = name === 'failures' ? '1m' : '30s'
        const tests = [{ interval, input_series: input, promql_expr_test: [asked] }]
        writeFileSync(file, stringify({ rule_files: [], evaluation_interval: '30s', tests }))
        const promtool = join(dirname(fileURLToPath(address)), 'promtool')
        const { stdout, stderr } = await execute(promtool, ['test', 'rules', file], { timeout: SLOW_MS })
        expect(stdout + stderr).toContain('SUCCESS')
        expect(verdictOf(name, result)).toBe(verdict)
      } finally {
        await folder.remove()
      }
    },
    SLOW_MS,
  )
})
