import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWithService, type RunningPrometheus, startPrometheus } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { SERVER_ROLES } from '../../examples/reference-server/src/server-role.ts'
import { listAt, selects, type Tree, textAt, treeAt } from '../kubernetes/manifests/manifest.ts'
import { KUBERNETES_FOLDER, parseManifests, readResources } from '../kubernetes/manifests/read-manifests.ts'
import { workloadsOf } from '../kubernetes/manifests/workload.ts'
import { MONITORING_FOLDER } from './rule-file.ts'

const SLOW_MS = 300_000
const NAMESPACE = 'golden-architecture'
/** Of nobody, as documents may use it: what is asked there is never answered. */
const ADDRESS = '192.0.2.1'

function configuration(name: string) {
  return parse(readFileSync(join(MONITORING_FOLDER, 'prometheus', name), 'utf8'))
}

/** What is found of one port of a pod. */
interface Found {
  readonly targets: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** The ports of a pod, under the names that Prometheus documents for discovery by the role pod. */
function found(name: string, phase: string, labels: Tree, containers: readonly Tree[]): readonly Found[] {
  const ofPod = Object.entries(labels).map(([label, value]) => [
    `__meta_kubernetes_pod_label_${label.replaceAll(/[^A-Za-z0-9_]/g, '_')}`,
    String(value),
  ])
  return containers
    .flatMap((container) => listAt(container, 'ports'))
    .map((port) => ({
      targets: [`${ADDRESS}:${textAt(port, 'containerPort')}`],
      labels: {
        ...Object.fromEntries(ofPod),
        __meta_kubernetes_namespace: NAMESPACE,
        __meta_kubernetes_pod_name: name,
        __meta_kubernetes_pod_phase: phase,
        __meta_kubernetes_pod_container_port_name: textAt(port, 'name'),
        __meta_kubernetes_pod_container_port_number: textAt(port, 'containerPort'),
      },
    }))
}

/** A pod of each service, one of a release on trial, and two that must not be scraped. */
function pods(selector: Tree): readonly Found[] {
  const services = workloadsOf(readResources(join(KUBERNETES_FOLDER, 'base'))).filter(({ labels }) =>
    selects(selector, labels),
  )
  const gateway = services.find(({ manifest }) => manifest.metadata.name === 'gateway')
  if (gateway === undefined) throw new Error('there is no gateway')
  const { labels, containers } = gateway
  return [
    ...services.flatMap((each) =>
      found(each.manifest.metadata.name, 'Running', each.labels, each.containers),
    ),
    ...found('gateway-canary', 'Running', { ...labels, 'rollouts-pod-template-hash': '6f5c' }, containers),
    ...found('gateway-waiting', 'Pending', labels, containers),
    ...found('gateway-ended', 'Failed', labels, containers),
  ]
}

describe('the discovery of pods', () => {
  it('is the configuration for targets of files, but for what it scrapes', () => {
    const { scrape_configs: _pods, ...inCluster } = configuration('kubernetes.yaml')
    const { scrape_configs: _files, ...byFiles } = configuration('prometheus.yaml')
    expect(inCluster).toEqual(byFiles)
  })

  it('may ask for what it asks for, and for nothing else', () => {
    const role = readResources(join(KUBERNETES_FOLDER, 'components/prometheus')).find(
      ({ kind }) => kind === 'Role',
    )
    expect(role?.rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }])
    const [{ kubernetes_sd_configs: asked }] = configuration('kubernetes.yaml').scrape_configs
    expect(asked).toEqual([
      {
        role: 'pod',
        namespaces: { names: [role?.metadata.namespace] },
        selectors: [{ role: 'pod', label: 'app.kubernetes.io/component=service' }],
      },
    ])
  })

  it('is by the operator what it is by a file: the same port, the same labels of the same sources', () => {
    const text = readFileSync(
      join(KUBERNETES_FOLDER, 'components/prometheus-operator/pod-monitor.yaml'),
      'utf8',
    )
    const [monitor] = parseManifests(text)
    const [endpoint] = listAt(monitor, 'spec.podMetricsEndpoints')
    const [{ job_name, sample_limit, relabel_configs }] = configuration('kubernetes.yaml').scrape_configs
    const relabelings = listAt(endpoint, 'relabelings')
    expect(relabelings[0]).toEqual({ action: 'replace', targetLabel: 'job', replacement: job_name })
    const written: readonly Readonly<Record<string, unknown>>[] = relabel_configs
    for (const label of ['role', 'revision']) {
      const [one] = written.filter(({ target_label }) => target_label === label)
      expect(relabelings.filter(({ targetLabel }) => targetLabel === label)).toEqual([
        { sourceLabels: one?.source_labels, targetLabel: label },
      ])
    }
    expect(written[0]).toMatchObject({ action: 'keep', regex: endpoint?.port })
    expect(treeAt(monitor, 'spec')).toMatchObject({
      sampleLimit: sample_limit,
      selector: { matchLabels: { 'app.kubernetes.io/component': 'service' } },
    })
  })
})

describeWithService('prometheus', 'a Prometheus in a cluster', (address) => {
  let prometheus: RunningPrometheus

  beforeAll(async () => {
    const committed = configuration('kubernetes.yaml')
    const [{ kubernetes_sd_configs: sd, ...scrape }] = committed.scrape_configs
    // There is no cluster: what discovery would find is written down, with the labels that it would give.
    const [label, value] = String(sd[0].selectors[0].label).split('=')
    const static_configs = pods({ [label ?? '']: value })
    const told = { ...committed, rule_files: [], scrape_configs: [{ ...scrape, static_configs }] }
    prometheus = await startPrometheus(address, { 'prometheus.yaml': stringify(told) })
    await vi.waitFor(async () => expect(await targets()).not.toEqual([]), { timeout: SLOW_MS / 2 })
  }, SLOW_MS)
  afterAll(async () => {
    await prometheus?.stop()
  }, SLOW_MS)

  /** The labels of the targets, as series get them. */
  async function targets(): Promise<readonly Readonly<Record<string, string>>[]> {
    const answer = await fetch(`${prometheus.url}/api/v1/targets?state=active`)
    // The API's answer, of which these members are read.
    const { data } = (await answer.json()) as {
      data: { activeTargets: readonly { labels: Record<string, string> }[] }
    }
    return data.activeTargets.map(({ labels }) => labels)
  }

  it(
    'scrapes the port watch of each service once, and calls it as rules and autoscalers do',
    async () => {
      const names = [...SERVER_ROLES, 'gateway-canary'].sort()
      await expect
        .poll(async () => (await targets()).map((labels) => labels.pod).sort(), { timeout: SLOW_MS / 2 })
        .toEqual(names)
      for (const labels of await targets()) {
        expect(labels).toEqual({
          job: NAMESPACE,
          namespace: NAMESPACE,
          instance: `${ADDRESS}:9464`,
          pod: labels.pod,
          role: labels.pod === 'gateway-canary' ? 'gateway' : labels.pod,
          ...(labels.pod === 'gateway-canary' ? { revision: '6f5c' } : {}),
        })
      }
    },
    SLOW_MS,
  )

  it('gives its series every label that rules of the adapter ask for', async () => {
    const { rules, externalRules } = parse(
      readFileSync(join(KUBERNETES_FOLDER, 'components/prometheus-adapter/rules.yaml'), 'utf8'),
    )
    const written: readonly { seriesQuery: string; resources: { overrides: object } }[] = [
      ...rules,
      ...externalRules,
    ]
    for (const { seriesQuery, resources } of written) {
      const wanted = [...seriesQuery.matchAll(/(\w+)!=""/g)].map(([, label]) => label)
      expect(Object.keys(resources.overrides).sort()).toEqual(wanted.sort())
      for (const labels of await targets())
        expect(Object.keys(labels)).toEqual(expect.arrayContaining(wanted))
    }
  })
})
