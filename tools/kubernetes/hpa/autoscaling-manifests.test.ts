import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { METRICS } from '@golden-arch/core/observability'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { SERVER_ROLES } from '../../../examples/reference-server/src/server-role.ts'
import { metricNames } from '../../monitoring/promql-names.ts'
import type { MetricSpec } from './autoscaler-spec.ts'
import { readAutoscaler } from './read-autoscaler.ts'
import { AUTOSCALERS_FOLDER } from './spike-replays.ts'

interface Rule {
  readonly seriesQuery: string
  readonly name: { readonly as: string }
  readonly metricsQuery: string
}

interface Trigger {
  readonly type: string
  readonly metricType: string
  readonly metadata: Readonly<Record<string, string>>
}

const COMPONENTS = join('k8s', 'components')
const SPECS = SERVER_ROLES.map((role) => readAutoscaler(text('hpa', `${role}.yaml`)))
// The two lists of a file that is ours; the tests below look at what is in them.
const RULES = parse(text('prometheus-adapter', 'rules.yaml')) as Readonly<
  Record<'rules' | 'externalRules', readonly Rule[]>
>
const TOLD = new Map(Object.values(METRICS).map((metric) => [metric.name, metric]))

describe('autoscalers', () => {
  it.each([
    ['gateway', 'Deployment', 2, 10, ['http_requests_per_second 100', 'cpu 70 %']],
    ['orchestrator', 'Deployment', 2, 20, ['active_tasks 10', 'cpu 70 %']],
    [
      'peer-hub',
      ...([
        'Deployment',
        2,
        10,
        ['peer_review_consensus_time_p95 150 in all', 'queue_depth 5', 'cpu 70 %'],
      ] as const),
    ],
    ['supervisor', 'Deployment', 1, 5, ['escalations_open 5', 'cpu 70 %']],
    ['sandbox-executor', 'Deployment', 3, 15, ['queue_depth 5', 'cpu 70 %']],
    ['agent-runtime', 'StatefulSet', 2, 10, ['model_calls_open 3', 'queue_depth 5', 'cpu 70 %']],
  ])('of %s go by what was promised', (name, kind, min, max, metrics) => {
    const spec = SPECS.find((one) => one.name === name)
    expect(spec?.target).toEqual({ kind, name })
    expect([spec?.minReplicas, spec?.maxReplicas]).toEqual([min, max])
    expect(spec?.metrics.map(described)).toEqual(metrics)
  })

  it('double in a minute and halve in five, whatever else they may', () => {
    for (const { scaleUp, scaleDown } of SPECS) {
      expect(scaleUp.policies).toContainEqual({ type: 'Percent', value: 100, periodSeconds: 60 })
      expect(scaleDown.policies).toEqual([{ type: 'Percent', value: 50, periodSeconds: 300 }])
    }
  })

  it('go by metrics only that the adapter has a rule for', () => {
    for (const { type, name } of SPECS.flatMap(({ metrics }) => metrics)) {
      if (type === 'Resource') continue
      const rules = type === 'Pods' ? RULES.rules : RULES.externalRules
      expect(rules.filter((rule) => rule.name.as === name)).toHaveLength(1)
    }
  })

  it('ask for labels only that the metric has', () => {
    for (const { name, labels } of SPECS.flatMap(({ metrics }) => metrics)) {
      expect(TOLD.get(name)?.labelNames ?? []).toEqual(expect.arrayContaining(Object.keys(labels)))
      if (labels.service !== undefined) expect(SERVER_ROLES).toContain(labels.service)
    }
  })
})

describe('rules of the adapter', () => {
  it.each([...RULES.rules, ...RULES.externalRules])('of $name.as ask for what the server tells', (rule) => {
    const [series = ''] = metricNames(rule.seriesQuery)
    const query = rule.metricsQuery.replaceAll('<<.Series>>', series).replaceAll(/<<\.\w+>>/g, '')
    expect([...metricNames(query)].filter((name) => !isTold(name))).toEqual([])
    expect(metricNames(query)).toContain(series)
  })
})

describe('scaled objects', () => {
  it.each(SPECS)('of $name say what its autoscaler says', (spec) => {
    const { metadata, spec: scaled } = parse(text('keda', `${spec.name}.yaml`))
    const written = parse(text('hpa', `${spec.name}.yaml`)).spec
    expect(metadata.name).toBe(spec.name)
    expect(scaled.scaleTargetRef).toEqual(written.scaleTargetRef)
    expect([scaled.minReplicaCount, scaled.maxReplicaCount]).toEqual([spec.minReplicas, spec.maxReplicas])
    expect(scaled.advanced.horizontalPodAutoscalerConfig.behavior).toEqual(written.behavior)
    const triggers: readonly Trigger[] = scaled.triggers
    expect(
      triggers.map(({ metricType, metadata }) => [metricType, metadata.threshold ?? metadata.value]),
    ).toEqual(
      spec.metrics.map(({ target }) => [
        target.type,
        String(target.type === 'Utilization' ? target.percent : target.milli / 1000),
      ]),
    )
    for (const { type, metadata } of triggers) {
      if (type !== 'prometheus') continue
      expect(metricNames(metadata.query ?? '').filter((name) => !isTold(name))).toEqual([])
      expect(metadata.ignoreNullValues).toBe('false')
    }
  })

  it('stand nowhere beside the autoscalers of Kubernetes', () => {
    for (const file of globSync('k8s/**/kustomization.yaml')) {
      const components: readonly string[] = parse(readFileSync(file, 'utf8')).components ?? []
      const scalers = components.filter((path) => /components\/(hpa|keda)\/?$/.test(path))
      expect(scalers.length, file).toBeLessThanOrEqual(1)
    }
  })

  it('are listed, as the autoscalers are, by their components', () => {
    for (const folder of ['hpa', 'keda']) {
      const { resources } = parse(text(folder, 'kustomization.yaml'))
      expect([...resources].sort()).toEqual(SERVER_ROLES.map((role) => `${role}.yaml`).sort())
      expect(globSync(join(COMPONENTS, folder, '*.yaml'))).toHaveLength(SERVER_ROLES.length + 1)
    }
    expect(AUTOSCALERS_FOLDER).toBe(join(COMPONENTS, 'hpa'))
  })
})

function text(folder: string, file: string): string {
  return readFileSync(join(COMPONENTS, folder, file), 'utf8')
}

function isTold(name: string): boolean {
  return TOLD.has(name.replace(/_(bucket|count|sum)$/, '')) || TOLD.has(name)
}

function described({ name, target }: MetricSpec): string {
  if (target.type === 'Utilization') return `${name} ${target.percent} %`
  return `${name} ${target.milli / 1000}${target.type === 'Value' ? ' in all' : ''}`
}
