import type { ObservedPod, PodSample } from './observed-pod.ts'
import { groupPods, type ReadinessSettings } from './pod-groups.ts'
import { isWithin, type Tolerances } from './tolerances.ts'

/** What a number of replicas is computed from where a metric is measured pod by pod. */
export interface PodQuestion {
  readonly currentReplicas: number
  readonly pods: readonly ObservedPod[]
  readonly samples: ReadonlyMap<string, PodSample>
  readonly tolerances: Tolerances
  readonly readiness: ReadinessSettings
  readonly now: number
}

/** A number of replicas, or why none could be computed. */
export type Proposal = { readonly replicas: number } | { readonly invalid: string }

/** The replicas that bring the use of a resource to `targetPercent` of what the pods request. */
export function replicasByUtilization(
  question: PodQuestion,
  resource: string,
  targetPercent: number,
): Proposal {
  const requests = new Map<string, number>()
  for (const pod of question.pods) {
    const request = pod.requests[resource]
    if (request === undefined) return { invalid: `missing request for ${resource}` }
    requests.set(pod.name, request)
  }
  const ratio = (values: ReadonlyMap<string, number>): number => {
    let used = 0
    let requested = 0
    for (const [name, value] of values) {
      const request = requests.get(name)
      if (request === undefined) continue
      used += value
      requested += request
    }
    return Math.trunc((used * 100) / requested) / targetPercent
  }
  // A pod that tells nothing is taken to use all it asked for, or as much as the target allows where that is more.
  const fallback = (name: string): number =>
    Math.trunc(((requests.get(name) ?? 0) * Math.max(100, targetPercent)) / 100)
  return rebalanced(question, resource, ratio, fallback)
}

/** The replicas that bring the mean over the pods to `targetMilli`. `resource` is absent for metrics of `Pods`. */
export function replicasByAverage(
  question: PodQuestion,
  resource: string | undefined,
  targetMilli: number,
): Proposal {
  const ratio = (values: ReadonlyMap<string, number>): number => {
    let total = 0
    for (const value of values.values()) total += value
    return Math.trunc(total / values.size) / targetMilli
  }
  return rebalanced(question, resource, ratio, () => targetMilli)
}

/** Computes once with what is known, and where pods are missing or unready, again with a guess that slows the change. */
function rebalanced(
  { currentReplicas, pods, samples, tolerances, readiness, now }: PodQuestion,
  resource: string | undefined,
  ratio: (values: ReadonlyMap<string, number>) => number,
  fallback: (name: string) => number,
): Proposal {
  if (samples.size === 0) return { invalid: 'no metrics were returned' }
  if (pods.length === 0) return { invalid: 'no pods are selected' }
  const { readyCount, unready, missing, ignored } = groupPods(pods, samples, resource, now, readiness)
  const values = new Map<string, number>()
  for (const [name, { milli }] of samples) {
    if (!unready.has(name) && !ignored.has(name)) values.set(name, milli)
  }
  if (values.size === 0) return { invalid: 'no metrics of ready pods' }
  const first = ratio(values)
  const isUpWithUnready = unready.size > 0 && first > 1
  if (!isUpWithUnready && missing.size === 0) {
    return { replicas: isWithin(tolerances, first) ? currentReplicas : Math.ceil(first * readyCount) }
  }
  for (const name of missing) {
    if (first < 1) values.set(name, fallback(name))
    else if (first > 1) values.set(name, 0)
  }
  if (isUpWithUnready) for (const name of unready) values.set(name, 0)
  const second = ratio(values)
  const turns = (first < 1 && second > 1) || (first > 1 && second < 1)
  if (isWithin(tolerances, second) || turns) return { replicas: currentReplicas }
  const replicas = Math.ceil(second * values.size)
  const isAgainst = (second < 1 && replicas > currentReplicas) || (second > 1 && replicas < currentReplicas)
  return { replicas: isAgainst ? currentReplicas : replicas }
}
