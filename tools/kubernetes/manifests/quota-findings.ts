import { quantityOf } from '../quantity.ts'
import { type Manifest, textAt, titleOf, treeAt } from './manifest.ts'
import { type Workload, workloadsOf } from './workload.ts'

const RESOURCES = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

/** Where a quota has no room for all workloads at the most pods that they may have, and one more each in a release. */
export function quotaFindings(manifests: readonly Manifest[]): readonly string[] {
  const workloads = workloadsOf(manifests)
  return manifests
    .filter(({ kind }) => kind === 'ResourceQuota')
    .flatMap((quota) => {
      const wanted: Readonly<Record<string, number>> = {
        pods: sum(workloads.map((workload) => mostPods(workload, manifests))),
        ...Object.fromEntries(
          RESOURCES.map((name) => [
            name,
            sum(workloads.map((workload) => mostPods(workload, manifests) * ofOnePod(workload, name))),
          ]),
        ),
      }
      const hard = treeAt(quota, 'spec.hard')
      return Object.entries(wanted)
        .filter(([name, amount]) => !(amount <= quantityOf(String(hard[name] ?? ''))))
        .map(([name, amount]) => `${titleOf(quota)}: ${name} of ${amount} may be wanted`)
    })
}

function mostPods({ manifest }: Workload, manifests: readonly Manifest[]): number {
  const scaler = manifests.find(
    (each) =>
      each.kind === 'HorizontalPodAutoscaler' &&
      textAt(each, 'spec.scaleTargetRef.name') === manifest.metadata.name &&
      textAt(each, 'spec.scaleTargetRef.kind') === manifest.kind,
  )
  return Number(treeAt(scaler, 'spec').maxReplicas ?? treeAt(manifest, 'spec').replicas ?? 1) + 1
}

function ofOnePod({ containers }: Workload, resource: string): number {
  return sum(containers.map((container) => quantityOf(textAt(container, `resources.${resource}`))))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
