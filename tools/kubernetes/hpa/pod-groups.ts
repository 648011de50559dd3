import type { ObservedPod, PodSample } from './observed-pod.ts'

/** How long the processor's use of a young pod says nothing, as kube-controller-manager is set by default. */
const CPU_INITIALIZATION_SECONDS = 300
/** Within this time of its start, a change to unready means that a pod has never been ready. */
const INITIAL_READINESS_DELAY_SECONDS = 30

/** The two settings of kube-controller-manager that say when a young pod counts. In seconds. */
export interface ReadinessSettings {
  readonly cpuInitializationSeconds: number
  readonly initialReadinessDelaySeconds: number
}

/** What kube-controller-manager is set to by default. */
export const DEFAULT_READINESS: ReadinessSettings = Object.freeze({
  cpuInitializationSeconds: CPU_INITIALIZATION_SECONDS,
  initialReadinessDelaySeconds: INITIAL_READINESS_DELAY_SECONDS,
})

/** Pods by what their samples are good for. */
export interface PodGroups {
  readonly readyCount: number
  readonly unready: ReadonlySet<string>
  readonly missing: ReadonlySet<string>
  readonly ignored: ReadonlySet<string>
}

/**
 * Tells whose samples count: pods that end are ignored, pending ones are unready, those without a sample are missing.
 * Only the processor's use is doubted while a pod starts; of other metrics every running pod is ready.
 */
export function groupPods(
  pods: readonly ObservedPod[],
  samples: ReadonlyMap<string, PodSample>,
  resource: string | undefined,
  now: number,
  settings: ReadinessSettings,
): PodGroups {
  const unready = new Set<string>()
  const missing = new Set<string>()
  const ignored = new Set<string>()
  let readyCount = 0
  for (const pod of pods) {
    const sample = samples.get(pod.name)
    if (pod.isDeleting || pod.phase === 'Failed' || pod.phase === 'Succeeded') ignored.add(pod.name)
    else if (pod.phase === 'Pending') unready.add(pod.name)
    else if (sample === undefined) missing.add(pod.name)
    else if (resource === 'cpu' && isStarting(pod, sample, now, settings)) unready.add(pod.name)
    else readyCount += 1
  }
  return { readyCount, unready, missing, ignored }
}

function isStarting(pod: ObservedPod, sample: PodSample, now: number, settings: ReadinessSettings): boolean {
  if (pod.ready === undefined || pod.startedAt === undefined) return true
  if (pod.startedAt + settings.cpuInitializationSeconds > now) {
    return !pod.ready.isTrue || sample.at < pod.ready.changedAt + sample.windowSeconds
  }
  return !pod.ready.isTrue && pod.startedAt + settings.initialReadinessDelaySeconds > pod.ready.changedAt
}
