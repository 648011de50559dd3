import { quantityOf } from '../quantity.ts'
import { listAt, type Manifest, type Tree, textAt, titleOf, treeAt } from './manifest.ts'
import { mostReplicas, type Workload, workloadsOf } from './workload.ts'

const RESOURCES = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

/** Where a quota has no room for all workloads at the most pods that they may have, while a release is rolled out. */
export function quotaFindings(manifests: readonly Manifest[]): readonly string[] {
  return manifests
    .filter(({ kind }) => kind === 'ResourceQuota')
    .flatMap((quota) => {
      const own = manifests.filter(({ metadata }) => metadata.namespace === quota.metadata.namespace)
      const workloads = workloadsOf(own)
      const claims = claimsOf(own)
      const wanted: Readonly<Record<string, number>> = {
        pods: sum(workloads.map((workload) => mostPods(workload, manifests))),
        ...Object.fromEntries(
          RESOURCES.map((name) => [
            name,
            sum(workloads.map((workload) => mostPods(workload, manifests) * ofOnePod(workload, name))),
          ]),
        ),
        persistentvolumeclaims: claims.length,
        'requests.storage': sum(
          claims.map((claim) => quantityOf(textAt(claim, 'spec.resources.requests.storage'))),
        ),
      }
      const hard = treeAt(quota, 'spec.hard')
      return Object.entries(wanted)
        .filter(([name, amount]) => !(amount <= quantityOf(String(hard[name] ?? ''))))
        .map(([name, amount]) => `${titleOf(quota)}: ${name} of ${amount} may be wanted`)
    })
}

/** The claims of volumes, each as often as it is made. */
function claimsOf(manifests: readonly Manifest[]): readonly Tree[] {
  return manifests.flatMap((each) => {
    if (each.kind === 'PersistentVolumeClaim') return [each]
    const replicas = Number(treeAt(each, 'spec').replicas ?? 1)
    return listAt(each, 'spec.volumeClaimTemplates').flatMap((claim) => Array<Tree>(replicas).fill(claim))
  })
}

function mostPods(workload: Workload, manifests: readonly Manifest[]): number {
  const most = mostReplicas(workload, manifests)
  // A Deployment does not wait for pods that it has told to stop, and a quota counts them until they have: all may be there twice.
  return (workload.manifest.kind === 'Deployment' ? 2 * most : most) + 1
}

function ofOnePod({ containers }: Workload, resource: string): number {
  return sum(containers.map((container) => quantityOf(textAt(container, `resources.${resource}`))))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
