import type { ObservedPod } from './observed-pod.ts'
import type { Proposal } from './replicas-by-pods.ts'
import { isWithin, type Tolerances } from './tolerances.ts'

/** What a number of replicas is computed from where a metric is of the whole system. */
export interface ValueQuestion {
  readonly specReplicas: number
  readonly statusReplicas: number
  readonly pods: readonly ObservedPod[]
  readonly milli: readonly number[]
  readonly tolerances: Tolerances
}

/** The replicas for a target of type `Value`: the ratio times the pods that are ready, not those that are asked for. */
export function replicasByValue(question: ValueQuestion, targetMilli: number): Proposal {
  const { specReplicas, pods, milli, tolerances } = question
  const ratio = total(milli) / targetMilli
  if (specReplicas === 0) return { replicas: Math.ceil(ratio) }
  if (isWithin(tolerances, ratio)) return { replicas: specReplicas }
  if (pods.length === 0) return { invalid: 'no pods are selected' }
  const ready = pods.filter((pod) => pod.phase === 'Running' && pod.ready?.isTrue === true)
  return { replicas: Math.ceil(ratio * ready.length) }
}

/** The replicas for a target of type `AverageValue`: the value divided by what one pod is to have. */
export function replicasByShare(question: ValueQuestion, targetMilli: number): Proposal {
  const { statusReplicas, milli, tolerances } = question
  const ratio = total(milli) / (targetMilli * statusReplicas)
  return {
    replicas: isWithin(tolerances, ratio) ? statusReplicas : Math.ceil(total(milli) / targetMilli),
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
