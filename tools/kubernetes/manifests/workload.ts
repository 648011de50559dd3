import { listAt, type Manifest, type Tree, textAt, titleOf, treeAt } from './manifest.ts'

/** What runs pods, and the pods that it runs. */
export interface Workload {
  readonly manifest: Manifest
  readonly title: string
  /** Whether it runs until it is told otherwise; a job ends by itself. */
  readonly isLasting: boolean
  readonly labels: Tree
  readonly pod: Tree
  /** Those of the start too. */
  readonly containers: readonly Tree[]
}

const TEMPLATES: Readonly<Record<string, string>> = {
  Deployment: 'spec.template',
  StatefulSet: 'spec.template',
  DaemonSet: 'spec.template',
  Job: 'spec.template',
  CronJob: 'spec.jobTemplate.spec.template',
}

/** The workloads among objects. */
export function workloadsOf(manifests: readonly Manifest[]): readonly Workload[] {
  return manifests.flatMap((manifest) => {
    const path = TEMPLATES[manifest.kind]
    if (path === undefined) return []
    const pod = treeAt(manifest, `${path}.spec`)
    return {
      manifest,
      title: titleOf(manifest),
      isLasting: !manifest.kind.endsWith('Job'),
      labels: treeAt(manifest, `${path}.metadata.labels`),
      pod,
      containers: [...listAt(pod, 'initContainers'), ...listAt(pod, 'containers')],
    }
  })
}

/** The most pods that a workload runs by itself, or by its autoscaler. */
export function mostReplicas({ manifest }: Workload, manifests: readonly Manifest[]): number {
  const scaler = manifests.find(
    (each) =>
      each.kind === 'HorizontalPodAutoscaler' &&
      textAt(each, 'spec.scaleTargetRef.name') === manifest.metadata.name &&
      [manifest.kind, 'Rollout'].includes(textAt(each, 'spec.scaleTargetRef.kind')),
  )
  return Number(treeAt(scaler, 'spec').maxReplicas ?? treeAt(manifest, 'spec').replicas ?? 1)
}
