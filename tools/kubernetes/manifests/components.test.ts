import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { checkManifests } from './check-manifests.ts'
import type { Manifest } from './manifest.ts'
import { KUBERNETES_FOLDER, parseManifests, readResources } from './read-manifests.ts'
import { secretTemplates } from './secret-templates.ts'

const COMPONENTS = ['hpa', 'canary', 'logs', 'audit-checkpoints', 'prometheus', 'prometheus-operator']
/** An overlay with every component of these, and the one patch of theirs that other objects must agree with. */
const WHOLE: readonly Manifest[] = [
  ...readResources(join(KUBERNETES_FOLDER, 'overlays/dev')),
  ...secretTemplates('dev'),
  ...COMPONENTS.flatMap((name) => readResources(join(KUBERNETES_FOLDER, 'components', name))),
  ...parseManifests(readFileSync(join(KUBERNETES_FOLDER, 'overlays/production/route.yaml'), 'utf8')),
].map((each) => {
  if (each.kind !== 'HorizontalPodAutoscaler' || each.metadata.name !== 'gateway') return each
  return changed(each, 'spec.scaleTargetRef.kind', 'Rollout')
})
const POD = 'spec.template.spec'
const STEPS = 'spec.strategy.canary.steps'

function changed(manifest: Manifest, path: string, value?: unknown): Manifest {
  const document = parseDocument(JSON.stringify(manifest))
  const names = path.split('.')
  if (value !== undefined) document.setIn(names, value)
  else if (!document.deleteIn(names)) throw new Error(`${manifest.kind} has no ${path}`)
  return document.toJS() as Manifest
}

/** The objects with one changed, and perhaps called otherwise than the one that stands there. */
function broken(title: string, path: string, value?: unknown): readonly Manifest[] {
  const isIt = ({ kind, metadata }: Manifest): boolean => `${kind} ${metadata.name}` === title
  if (!WHOLE.some(isIt)) throw new Error(`there is no ${title}`)
  return WHOLE.map((each) => (isIt(each) ? changed(each, path, value) : each))
}

function without(title: string, namespace = 'golden-architecture'): readonly Manifest[] {
  return WHOLE.filter(
    ({ kind, metadata }) => `${kind} ${metadata.name}` !== title || metadata.namespace !== namespace,
  )
}

type Breakage = readonly [name: string, manifests: () => readonly Manifest[], finding: string]

const BREAKAGES: readonly Breakage[] = [
  [
    'autoscalers that open more connections than PostgreSQL takes',
    () => broken('HorizontalPodAutoscaler orchestrator', 'spec.maxReplicas', 40),
    'StatefulSet postgres: takes 800 connections, and services open 900',
  ],
  [
    'a quota with room for the most pods, and none for those that drain',
    () => broken('ResourceQuota golden-architecture', 'spec.hard.pods', '100'),
    'ResourceQuota golden-architecture: pods of',
  ],
  [
    'a canary with a field that does not exist',
    () => broken('Rollout gateway', 'spec.strategy.canary.maxUnavailble', 0),
    'Rollout gateway: /spec/strategy/canary/maxUnavailble is no field',
  ],
  [
    'a canary that takes pods away before others are ready',
    () => broken('Rollout gateway', 'spec.strategy.canary.maxUnavailable', 1),
    'Rollout gateway: takes pods away',
  ],
  [
    'a canary that nobody looks at',
    () => broken('Rollout gateway', `${STEPS}.2`, { pause: { duration: '5m' } }),
    'Rollout gateway: goes on from 20 % unseen',
  ],
  [
    'a canary whose steps go down',
    () => broken('Rollout gateway', `${STEPS}.3.setWeight`, 10),
    'Rollout gateway: goes back and forth',
  ],
  [
    'a canary that waits for ever for its pods',
    () => broken('Rollout gateway', 'spec.progressDeadlineAbort', false),
    'Rollout gateway: waits for pods',
  ],
  [
    'a canary of pods that nobody describes',
    () => broken('Rollout gateway', 'spec.workloadRef.name', 'gate'),
    'Rollout gateway: no Deployment gate',
  ],
  [
    'a canary that selects other pods',
    () => broken('Rollout gateway', 'spec.selector.matchLabels', { app: 'gateway' }),
    'Rollout gateway: selects other pods',
  ],
  [
    'a canary beside an autoscaler of its Deployment',
    () => broken('HorizontalPodAutoscaler gateway', 'spec.scaleTargetRef.kind', 'Deployment'),
    'Rollout gateway: an autoscaler of Deployment gateway beside it',
  ],
  [
    'an analysis that is not there',
    () => without('AnalysisTemplate gateway-canary'),
    'Rollout gateway: no AnalysisTemplate gateway-canary',
  ],
  [
    'an analysis that is not told what to look at',
    () => broken('Rollout gateway', `${STEPS}.2.analysis.args`),
    'Rollout gateway: gives no revision to AnalysisTemplate gateway-canary',
  ],
  [
    'an analysis that takes silence for health',
    () => broken('AnalysisTemplate gateway-canary', 'spec.metrics.0.successCondition', 'result[0] < 0.05'),
    'AnalysisTemplate gateway-canary: failures takes no series for a value',
  ],
  [
    'an analysis that passes whatever it sees',
    () => broken('AnalysisTemplate gateway-canary', 'spec.metrics.0.inconclusiveLimit', 5),
    'AnalysisTemplate gateway-canary: failures passes whatever it sees',
  ],
  [
    'an analysis that looks at all pods',
    () => broken('AnalysisTemplate gateway-canary', 'spec.metrics.1.provider.prometheus.query', 'min(up)'),
    'AnalysisTemplate gateway-canary: answering does not tell the release',
  ],
  [
    'a collector of logs that reads more of the nodes',
    () => broken('DaemonSet log-collector', `${POD}.volumes.0.hostPath.path`, '/var/log'),
    'DaemonSet log-collector: volume pods is of the host',
  ],
  [
    'a collector of logs that may change them',
    () => broken('DaemonSet log-collector', `${POD}.containers.0.volumeMounts.0.readOnly`, false),
    'DaemonSet log-collector: volume pods is of the host',
  ],
  [
    'a collector of logs with capabilities',
    () =>
      broken('DaemonSet log-collector', `${POD}.containers.0.securityContext.capabilities`, { add: ['ALL'] }),
    'DaemonSet log-collector, collector: keeps capabilities',
  ],
  [
    'a collector of logs among the services',
    () => broken('DaemonSet log-collector', 'metadata.namespace', 'golden-architecture'),
    'DaemonSet log-collector: volume pods is of the host',
  ],
  [
    'something else beside the collector of logs',
    () => broken('DaemonSet log-collector', 'metadata.name', 'shell'),
    'DaemonSet shell: runs where pods need not be restricted',
  ],
  [
    'a collector of logs that may talk to everybody',
    () => without('NetworkPolicy default-deny', 'golden-architecture-logs'),
    'NetworkPolicy: none denies everything in golden-architecture-logs',
  ],
  [
    'a collector of logs that nobody receives from',
    () => without('NetworkPolicy log-collector-to-receiver', 'golden-architecture-logs'),
    'DaemonSet log-collector: no policy opens an edge',
  ],
  [
    'a route to a port that is not there',
    () => broken('HTTPRoute gateway', 'spec.rules.0.backendRefs.0.port', 8080),
    'HTTPRoute gateway: no Service gateway of that port',
  ],
  [
    'a route with the field of an Ingress',
    () => broken('HTTPRoute gateway', 'spec.ingressClassName', 'nginx'),
    'HTTPRoute gateway: /spec/ingressClassName is no field',
  ],
  [
    'a right that is bound to no role',
    () => without('Role prometheus'),
    'RoleBinding prometheus: no Role prometheus',
  ],
  [
    'a monitor with a field that does not exist',
    () => broken('PodMonitor golden-architecture', 'spec.podMetricsEndpoints.0.scrape_interval', '30s'),
    'PodMonitor golden-architecture: /spec/podMetricsEndpoints/0/scrape_interval is no field',
  ],
]

describe('the components', () => {
  it('are in order, all at once', async () => {
    expect(await checkManifests(WHOLE)).toEqual([])
  })

  it.each(BREAKAGES)('are not with %s', async (_name, manifests, finding) => {
    expect(await checkManifests(manifests())).toContainEqual(expect.stringContaining(finding))
  })
})
