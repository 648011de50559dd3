import { at, listAt, type Manifest, selects, textAt, titleOf, treeAt } from './manifest.ts'
import { type Workload, workloadsOf } from './workload.ts'

const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe']

/** What a workload lacks to be told apart, spread, emptied and found. */
export function workloadFindings(manifests: readonly Manifest[]): readonly string[] {
  const workloads = workloadsOf(manifests)
  const lasting = workloads.filter(({ isLasting }) => isLasting)
  return [
    ...lasting.flatMap((workload) =>
      [...ownFindings(workload), ...budgetFindings(workload, manifests)].map(
        (problem) => `${workload.title}: ${problem}`,
      ),
    ),
    ...manifests.flatMap((manifest) => selectorFindings(manifest, workloads)),
  ]
}

function ownFindings({ manifest, labels, pod, containers }: Workload): readonly string[] {
  const spread = listAt(pod, 'topologySpreadConstraints')
  // One on each node is spread, and is not moved when a node is emptied.
  const isOnEachNode = manifest.kind === 'DaemonSet'
  return [
    ...(selects(treeAt(manifest, 'spec.selector.matchLabels'), labels) ? [] : ['selects other pods']),
    ...(isOnEachNode || spread.some(({ topologyKey }) => topologyKey === 'kubernetes.io/hostname')
      ? []
      : ['is not spread']),
    ...(spread.every((each) => selects(treeAt(each, 'labelSelector.matchLabels'), labels))
      ? []
      : ['is spread by the labels of others']),
    ...containers.flatMap((container) =>
      PROBES.filter((name) => at(container, name) === undefined).map((name) => `has no ${name}`),
    ),
  ]
}

function budgetFindings({ manifest, labels }: Workload, manifests: readonly Manifest[]): readonly string[] {
  if (manifest.kind === 'DaemonSet') return []
  const budgets = manifests.filter(
    (each) =>
      each.kind === 'PodDisruptionBudget' && selects(treeAt(each, 'spec.selector.matchLabels'), labels),
  )
  if (budgets.length !== 1) return [`has ${budgets.length} disruption budgets`]
  const spec = treeAt(budgets[0], 'spec')
  // With none that may be missing, or all that must be there, no node could ever be emptied.
  return spec.maxUnavailable === 0 || spec.minAvailable === '100%' ? ['may never be moved'] : []
}

/** What selects pods, and selects none. */
function selectorFindings(manifest: Manifest, workloads: readonly Workload[]): readonly string[] {
  const title = titleOf(manifest)
  if (manifest.kind === 'Service') {
    const chosen = workloads.filter(({ labels }) => selects(treeAt(manifest, 'spec.selector'), labels))
    if (chosen.length !== 1) return [`${title}: selects ${chosen.length} workloads`]
    const ports = chosen.flatMap(({ containers }) =>
      containers.flatMap((container) => listAt(container, 'ports').map(({ name }) => name)),
    )
    return listAt(manifest, 'spec.ports')
      .filter(({ targetPort }) => !ports.includes(targetPort))
      .map((port) => `${title}: nothing listens on ${textAt(port, 'targetPort')}`)
  }
  const path = {
    PodDisruptionBudget: 'spec.selector.matchLabels',
    NetworkPolicy: 'spec.podSelector.matchLabels',
  }[manifest.kind]
  if (path === undefined) return []
  const isUsed = workloads.some(({ labels }) => selects(treeAt(manifest, path), labels))
  return isUsed ? [] : [`${title}: selects nothing`]
}
