import { at, listAt, type Manifest, textAt, textsAt, treeAt } from './manifest.ts'
import { type Workload, workloadsOf } from './workload.ts'

/** What lets a job run beside itself, run for ever, be run late without end, or find no script. */
export function jobFindings(manifests: readonly Manifest[]): readonly string[] {
  return workloadsOf(manifests)
    .filter(({ isLasting }) => !isLasting)
    .flatMap((workload) =>
      [
        ...endFindings(workload),
        ...(workload.manifest.kind === 'CronJob' ? scheduleFindings(workload.manifest) : []),
        ...scriptFindings(workload, manifests),
      ].map((problem) => `${workload.title}: ${problem}`),
    )
}

function endFindings({ manifest }: Workload): readonly string[] {
  const spec = treeAt(manifest, manifest.kind === 'CronJob' ? 'spec.jobTemplate.spec' : 'spec')
  return [
    ...(Number(spec.activeDeadlineSeconds) > 0 ? [] : ['may run for ever']),
    ...(spec.backoffLimit === undefined ? ['does not say how often it is tried'] : []),
  ]
}

function scheduleFindings(manifest: Manifest): readonly string[] {
  const spec = treeAt(manifest, 'spec')
  const limits = ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']
  return [
    ...(/^([\d*/,-]+ ){4}[\d*/,-]+$/.test(textAt(spec, 'schedule'))
      ? []
      : [`schedule ${textAt(spec, 'schedule')}`]),
    ...(spec.concurrencyPolicy === 'Forbid' ? [] : ['may run beside itself']),
    // Below 10 seconds the controller may never get to it.
    ...(Number(spec.startingDeadlineSeconds) >= 10 ? [] : ['has no end to being late']),
    ...limits.filter((name) => !(Number(spec[name]) >= 1)).map((name) => `has no ${name}`),
  ]
}

/** A script that a container runs out of a configuration, and that is not in it. */
function scriptFindings({ pod, containers }: Workload, manifests: readonly Manifest[]): readonly string[] {
  return containers.flatMap((container) =>
    listAt(container, 'volumeMounts').flatMap((mount) => {
      const volume = listAt(pod, 'volumes').find(({ name }) => name === mount.name)
      const map = textAt(volume, 'configMap.name')
      const folder = `${textAt(mount, 'mountPath')}/`
      const files = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === map)
      if (map === '') return []
      return textsAt(container, 'command')
        .filter((word) => word.startsWith(folder) && at(files, 'data') !== undefined)
        .filter((word) => !(word.slice(folder.length) in treeAt(files, 'data')))
        .map((word) => `no script ${word}`)
    }),
  )
}
