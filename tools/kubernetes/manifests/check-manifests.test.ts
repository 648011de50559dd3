import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { checkManifests } from './check-manifests.ts'
import { listAt, type Manifest, textAt } from './manifest.ts'
import { KUBERNETES_FOLDER, parseManifests, readResources } from './read-manifests.ts'
import { secretTemplates } from './secret-templates.ts'

/** The overlay with its own stores, whose patches only loosen things. */
const WHOLE: readonly Manifest[] = [
  ...readResources(join(KUBERNETES_FOLDER, 'overlays/dev')),
  ...secretTemplates('dev'),
]
const CONTAINER = 'spec.template.spec.containers.0'

/** The objects with one changed: `value` at `path`, whose numbers are places in lists; undefined takes it away. */
function broken(title: string, path: string, value?: unknown): readonly Manifest[] {
  const [kind, name] = title.split(' ')
  const isIt = (each: Manifest): boolean => each.kind === kind && each.metadata.name === name
  if (!WHOLE.some(isIt)) throw new Error(`there is no ${title}`)
  return WHOLE.map((each) => {
    if (!isIt(each)) return each
    const document = parseDocument(JSON.stringify(each))
    const names = path.split('/').flatMap((part) => (part.includes(' ') ? [part] : part.split('.')))
    if (value === undefined) {
      if (!document.deleteIn(names)) throw new Error(`${title} has no ${path}`)
    } else document.setIn(names, value)
    return document.toJS() as Manifest
  })
}

function without(title: string): readonly Manifest[] {
  const left = WHOLE.filter(({ kind, metadata }) => `${kind} ${metadata.name}` !== title)
  if (left.length === WHOLE.length) throw new Error(`there is no ${title}`)
  return left
}

const BREAKAGES: readonly (readonly [name: string, broken: () => readonly Manifest[], finding: string])[] = [
  [
    'a field that does not exist',
    () => broken('Deployment gateway', `${CONTAINER}.imagePullpolicy`, 'Always'),
    'Deployment gateway: /spec/template/spec/containers/0/imagePullpolicy is no field',
  ],
  [
    'a field of the wrong place',
    () => broken('Deployment gateway', 'spec.template.spec.readOnlyRootFilesystem', true),
    'Deployment gateway: /spec/template/spec/readOnlyRootFilesystem is no field',
  ],
  [
    'a text for a number',
    () => broken('StatefulSet postgres', 'spec.replicas', '1'),
    'StatefulSet postgres: /spec/replicas',
  ],
  [
    'a version that clusters do not serve',
    () => broken('Deployment gateway', 'apiVersion', 'apps/v1beta1'),
    'Deployment gateway: apps/v1beta1 is not known',
  ],
  [
    'pods that the workload does not select',
    () => broken('Deployment gateway', 'spec.template.metadata.labels', { 'app.kubernetes.io/name': 'gate' }),
    'Deployment gateway: selects other pods',
  ],
  [
    'a service that selects nothing',
    () => broken('Service gateway', 'spec.selector', { app: 'gateway' }),
    'Service gateway: selects 0 workloads',
  ],
  [
    'a service whose port nobody listens on',
    () => broken('Service gateway', 'spec.ports.0.targetPort', 'web'),
    'Service gateway: nothing listens on web',
  ],
  [
    'a migration that cannot believe the database',
    () => broken('Job migrations', 'spec.template.spec.volumes.2.secret.items.0.path', 'other.pem'),
    'Job migrations: /etc/golden-architecture/stores/authorities.pem is not mounted',
  ],
  [
    'a configuration that is not there',
    () => without('ConfigMap server'),
    'Deployment gateway: no ConfigMap server',
  ],
  ['a secret that is not there', () => without('Secret stores'), 'Deployment gateway: no Secret stores'],
  [
    'a key that the secret lacks',
    () => broken('Secret gateway', 'stringData.ADMIN_PASSWORD'),
    'Deployment gateway: no file /etc/golden-architecture/gateway/ADMIN_PASSWORD',
  ],
  [
    'a secret with a value',
    () => broken('Secret models', 'stringData.MODEL_API_KEY', 'abc'),
    'Secret models: MODEL_API_KEY has a value',
  ],
  [
    'a service account that is not there',
    () => without('ServiceAccount supervisor'),
    'Deployment supervisor: no ServiceAccount supervisor',
  ],
  [
    'a service account with tokens',
    () => broken('ServiceAccount supervisor', 'automountServiceAccountToken', true),
    'ServiceAccount supervisor: gives tokens to pods',
  ],
  [
    'a pod with a token',
    () => broken('Deployment supervisor', 'spec.template.spec.automountServiceAccountToken', true),
    'Deployment supervisor: gets a token of its service account',
  ],
  [
    'a priority that is not there',
    () => without('PriorityClass golden-architecture-serving'),
    'Deployment gateway: no PriorityClass golden-architecture-serving',
  ],
  [
    'a runtime that is not there',
    () => without('RuntimeClass golden-architecture-gvisor'),
    'Deployment sandbox-executor: no RuntimeClass golden-architecture-gvisor',
  ],
  [
    'a container that may be root',
    () => broken('Deployment gateway', 'spec.template.spec.securityContext.runAsUser', 0),
    'Deployment gateway, server: may run as root',
  ],
  [
    'a container with its capabilities',
    () => broken('Deployment gateway', `${CONTAINER}.securityContext.capabilities`),
    'Deployment gateway, server: keeps capabilities',
  ],
  [
    'a container that may gain privileges',
    () => broken('Job migrations', `${CONTAINER}.securityContext.allowPrivilegeEscalation`, true),
    'Job migrations, migrate: may gain privileges',
  ],
  [
    'a root file system that may be written',
    () => broken('StatefulSet redis', `${CONTAINER}.securityContext.readOnlyRootFilesystem`, false),
    'StatefulSet redis, redis: may write to its root file system',
  ],
  [
    'no seccomp profile',
    () => broken('StatefulSet nats', 'spec.template.spec.securityContext.seccompProfile'),
    'StatefulSet nats, nats: has no seccomp profile',
  ],
  [
    'a folder of the host',
    () =>
      broken('Deployment gateway', 'spec.template.spec.volumes.0', {
        name: 'temporary',
        hostPath: { path: '/tmp' },
      }),
    'Deployment gateway: volume temporary is of the host',
  ],
  [
    'the network of the host',
    () => broken('Deployment gateway', 'spec.template.spec.hostNetwork', true),
    'Deployment gateway: hostNetwork',
  ],
  [
    'a namespace that lets everything run',
    () => broken('Namespace golden-architecture', 'metadata.labels', {}),
    'Namespace golden-architecture: does not enforce restricted pods',
  ],
  [
    'no disruption budget',
    () => without('PodDisruptionBudget peer-hub'),
    'Deployment peer-hub: has 0 disruption budgets',
  ],
  [
    'a disruption budget that blocks every node',
    () => broken('PodDisruptionBudget peer-hub', 'spec.maxUnavailable', 0),
    'Deployment peer-hub: may never be moved',
  ],
  [
    'pods on one node',
    () => broken('Deployment peer-hub', 'spec.template.spec.topologySpreadConstraints'),
    'Deployment peer-hub: is not spread',
  ],
  [
    'no default that denies',
    () => without('NetworkPolicy default-deny'),
    'NetworkPolicy: none denies everything',
  ],
  [
    'a store that lets nobody in',
    () => without('NetworkPolicy services-into-redis'),
    'Deployment gateway: port 6379 is closed at the other end',
  ],
  [
    'migrations that reach no database',
    () => without('NetworkPolicy migrations-to-database'),
    'Job migrations: no policy opens an edge',
  ],
  [
    'a gateway that nobody may reach',
    () => without('NetworkPolicy ingress-to-gateway'),
    'Service gateway: no policy lets anybody reach http',
  ],
  [
    'an edge to everywhere',
    () => broken('NetworkPolicy agent-runtime-to-models', 'spec.egress', [{}]),
    'NetworkPolicy agent-runtime-to-models: an edge to everywhere',
  ],
  [
    'a variable that the server does not know',
    () => broken('ConfigMap server', 'data.LOGLEVEL', 'info'),
    'Deployment gateway: LOGLEVEL means nothing to the server',
  ],
  [
    'a value that the server refuses',
    () => broken('ConfigMap server', 'data.LOG_LEVEL', 'loud'),
    'Deployment gateway: configuration refused: LOG_LEVEL: must be',
  ],
  [
    'a variable without what it needs',
    () => broken('ConfigMap server', 'data.SANDBOX_BACKEND', 'docker'),
    'Deployment gateway: configuration refused: SANDBOX_IMAGE: needed with SANDBOX_BACKEND=docker',
  ],
  [
    'a secret in the environment',
    () => broken('ConfigMap server', 'data.REDIS_URL', 'redis://redis:6379'),
    'Deployment gateway: REDIS_URL is a secret, and no file',
  ],
  [
    'more copies of a stream than servers',
    () => broken('ConfigMap server', 'data.NATS_STREAM_REPLICAS', '5'),
    'Deployment gateway: streams of 5 copies on fewer servers of NATS',
  ],
  [
    'servers of NATS that refuse one another',
    () =>
      broken(
        'StatefulSet nats',
        `${CONTAINER}.args.3`,
        'nats://nats-0.nats:6222,nats://nats-1.nats:6222,nats://nats-2.nats:6222',
      ),
    'StatefulSet nats: nats://nats-0.nats:6222 is refused, it gives no password',
  ],
  [
    'a server of NATS that no other knows of',
    () => broken('StatefulSet nats', 'spec.replicas', 5),
    'StatefulSet nats: no route leads to nats-3.nats',
  ],
  ['a service that nothing runs', () => without('Deployment supervisor'), 'supervisor: nothing runs it'],
  [
    'a stop that breaks off reviews',
    () => broken('ConfigMap server', 'data.SHUTDOWN_TIMEOUT_MS', '180000'),
    'Deployment peer-hub: a review would be broken off at the stop',
  ],
  [
    'a grace shorter than the stop',
    () => broken('Deployment peer-hub', 'spec.template.spec.terminationGracePeriodSeconds', 240),
    'Deployment peer-hub: is killed before it has stopped',
  ],
  [
    'no time for balancers',
    () => broken('Deployment gateway', `${CONTAINER}.lifecycle`),
    'Deployment gateway: balancers have no time to take notice of a stop',
  ],
  [
    'a probe of a port that is not there',
    () => broken('Deployment gateway', `${CONTAINER}.readinessProbe.httpGet.port`, 'health'),
    'Deployment gateway, server: a probe asks the port health, which it lacks',
  ],
  [
    'no readiness probe',
    () => broken('Deployment gateway', `${CONTAINER}.readinessProbe`),
    'Deployment gateway: has no readinessProbe',
  ],
  [
    'no limit of memory',
    () => broken('Deployment gateway', `${CONTAINER}.resources.limits.memory`),
    'Deployment gateway, server: has no limit of memory',
  ],
  [
    'a request above its limit',
    () => broken('Deployment gateway', `${CONTAINER}.resources.requests.memory`, '2Gi'),
    'Deployment gateway, server: requests more memory than its limit',
  ],
  [
    'an image without a version',
    () => broken('Deployment gateway', `${CONTAINER}.image`, 'golden-architecture/reference-server:latest'),
    'has no version',
  ],
  [
    'a quota without room',
    () => broken('ResourceQuota golden-architecture', 'spec.hard.pods', '3'),
    'ResourceQuota golden-architecture: pods of',
  ],
]

describe('the manifests', () => {
  it('are in order', async () => {
    expect(await checkManifests(WHOLE)).toEqual([])
  })

  it.each(BREAKAGES)('are not with %s', async (_name, manifests, finding) => {
    expect(await checkManifests(manifests())).toContainEqual(expect.stringContaining(finding))
  })

  it('are not with an object that is there twice', async () => {
    const [first] = WHOLE
    expect(await checkManifests(first === undefined ? [] : [...WHOLE, first])).toContainEqual(
      expect.stringContaining('twice'),
    )
  })

  it.each([
    ['minReplicas', 5, 'minReplicas above maxReplicas'],
    [
      'behavior',
      { scaleUp: { policies: [{ type: 'Percentage', value: 100, periodSeconds: 60 }] } },
      'policy of Percentage',
    ],
    [
      'behavior',
      { scaleUp: { policies: [{ type: 'Pods', value: 4, periodSeconds: 99_999 }] } },
      'period of 99999 s',
    ],
    ['behavior', { scaleDown: { stabilizationWindowSeconds: 7200 } }, 'stabilised for 7200 s'],
    [
      'scaleTargetRef',
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'postgres' },
      'no Deployment postgres',
    ],
    ['scaleTargetRef', { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'postgres' }, 'replicas beside'],
  ])('are not with an autoscaler whose %s is %o', async (field, value, finding) => {
    const autoscaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'of-a-test', namespace: 'golden-architecture' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gateway' },
        minReplicas: 2,
        maxReplicas: 4,
        [field]: value,
      },
    }
    expect(await checkManifests([...WHOLE, autoscaler])).toContainEqual(expect.stringContaining(finding))
  })

  it('give the sandbox a runtime of its own, on nodes that run nothing else', () => {
    const base = readResources(join(KUBERNETES_FOLDER, 'base'))
    const found = base.filter(({ metadata }) =>
      ['sandbox-executor', 'golden-architecture-gvisor'].includes(metadata.name),
    )
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'RuntimeClass',
          handler: 'runsc',
          scheduling: { nodeSelector: expect.anything(), tolerations: [expect.anything()] },
        }),
        expect.objectContaining({
          kind: 'Deployment',
          spec: expect.objectContaining({
            template: expect.objectContaining({
              spec: expect.objectContaining({ runtimeClassName: 'golden-architecture-gvisor' }),
            }),
          }),
        }),
      ]),
    )
  })

  it('give the sandbox no address that another service has', () => {
    const base = readResources(join(KUBERNETES_FOLDER, 'base'))
    const executor = base.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'sandbox-executor',
    )
    const secrets = listAt(executor, 'spec.template.spec.volumes').flatMap(({ secret }) =>
      secret === undefined
        ? []
        : [[textAt(secret, 'secretName'), listAt(secret, 'items').map(({ key }) => key)] as const],
    )
    expect(secrets).toEqual([
      ['sandbox-stores', []],
      ['stores', ['authorities.pem']],
    ])
  })

  it('are refused where a name is given twice', () => {
    expect(() =>
      parseManifests('apiVersion: v1\nkind: Secret\nkind: ConfigMap\nmetadata: { name: a }'),
    ).toThrow('unique')
    expect(() => parseManifests('apiVersion: v1\nkind: Secret')).toThrow('no object of Kubernetes')
  })
})
