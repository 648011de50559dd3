import { listAt, type Manifest, selects, type Tree, textAt, textsAt, titleOf, treeAt } from './manifest.ts'
import { type Workload, workloadsOf } from './workload.ts'

/** An edge that a policy opens for the pods it selects. */
interface Edge {
  readonly policy: Manifest
  readonly direction: 'ingress' | 'egress'
  readonly peers: readonly Tree[]
  readonly ports: readonly string[]
}

/** Where nothing is denied, where an edge is missing, and where one end of an edge is closed. */
export function networkFindings(manifests: readonly Manifest[]): readonly string[] {
  const workloads = workloadsOf(manifests)
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy')
  const edges = policies.flatMap(edgesOf)
  const edgesAt = ({ labels, manifest }: Workload, direction: Edge['direction']): readonly Edge[] =>
    edges.filter(
      (edge) =>
        edge.direction === direction &&
        edge.policy.metadata.namespace === manifest.metadata.namespace &&
        selects(treeAt(edge.policy, 'spec.podSelector.matchLabels'), labels),
    )
  const isOpen = (from: Workload, to: Workload, port: string): boolean =>
    edgesAt(to, 'ingress').some(
      ({ peers, ports }) => ports.includes(port) && peers.some((peer) => isPeer(peer, from)),
    )
  return [
    ...[...new Set(workloads.map(({ manifest }) => manifest.metadata.namespace))]
      .filter(
        (namespace) => !policies.some((each) => each.metadata.namespace === namespace && deniesAll(each)),
      )
      .map((namespace) => `NetworkPolicy: none denies everything in ${namespace}`),
    ...policies
      .filter((policy) =>
        edgesOf(policy).some(({ peers, ports }) => peers.length === 0 || ports.length === 0),
      )
      .map((policy) => `${titleOf(policy)}: an edge to everywhere`),
    ...workloads
      .filter((workload) => !edgesAt(workload, 'ingress').length && !edgesAt(workload, 'egress').some(isOwn))
      .map(({ title }) => `${title}: no policy opens an edge`),
    ...manifests
      .filter(({ kind }) => kind === 'Service')
      .flatMap((service) => closedPorts(service, workloads, edgesAt)),
    ...workloads.flatMap((from) =>
      edgesAt(from, 'egress').flatMap(({ policy, peers, ports }) =>
        peers.filter(isNear).flatMap((peer) => {
          const targets = workloads.filter(
            (to) => isPeer(peer, to) && to.manifest.metadata.namespace === policy.metadata.namespace,
          )
          if (targets.length === 0) return [`${titleOf(policy)}: leads to nothing`]
          return ports
            .filter((port) => targets.some((to) => listens(to, port)))
            .filter((port) => !targets.some((to) => listens(to, port) && isOpen(from, to, port)))
            .map((port) => `${from.title}: port ${port} is closed at the other end`)
        }),
      ),
    ),
  ]
}

function edgesOf(policy: Manifest): readonly Edge[] {
  return (['ingress', 'egress'] as const).flatMap((direction) =>
    listAt(policy, `spec.${direction}`).map((rule) => ({
      policy,
      direction,
      peers: listAt(rule, direction === 'ingress' ? 'from' : 'to'),
      ports: listAt(rule, 'ports').map((port) => textAt(port, 'port')),
    })),
  )
}

function deniesAll(policy: Manifest): boolean {
  const types = textsAt(policy, 'spec.policyTypes')
  return (
    Object.keys(treeAt(policy, 'spec.podSelector')).length === 0 &&
    edgesOf(policy).length === 0 &&
    ['Ingress', 'Egress'].every((type) => types.includes(type))
  )
}

/** Whether an edge is of some pods: what all may do, such as asking for names, is no edge of a workload. */
function isOwn({ policy }: Edge): boolean {
  return Object.keys(treeAt(policy, 'spec.podSelector.matchLabels')).length > 0
}

/** Whether a peer is among the pods of the same namespace. */
function isNear({ podSelector, namespaceSelector }: Tree): boolean {
  return podSelector !== undefined && namespaceSelector === undefined
}

function isPeer(peer: Tree, { labels }: Workload): boolean {
  return isNear(peer) && selects(treeAt(peer, 'podSelector.matchLabels'), labels)
}

function listens({ containers }: Workload, port: string): boolean {
  return containers.some((each) => listAt(each, 'ports').some((own) => textAt(own, 'containerPort') === port))
}

/** What a service offers and no policy lets anybody reach. */
function closedPorts(
  service: Manifest,
  workloads: readonly Workload[],
  edgesAt: (workload: Workload, direction: Edge['direction']) => readonly Edge[],
): readonly string[] {
  const chosen = workloads.filter(({ labels }) => selects(treeAt(service, 'spec.selector'), labels))
  return chosen.flatMap((workload) => {
    const open = edgesAt(workload, 'ingress').flatMap(({ ports }) => ports)
    const own = workload.containers.flatMap((container) => listAt(container, 'ports'))
    return listAt(service, 'spec.ports')
      .map(({ targetPort }) => own.find(({ name }) => name === targetPort))
      .filter((port) => port !== undefined && !open.includes(textAt(port, 'containerPort')))
      .map((port) => `${titleOf(service)}: no policy lets anybody reach ${textAt(port, 'name')}`)
  })
}
