import type { AutoscalerSpec, MetricSpec } from './autoscaler-spec.ts'
import type { MetricReading, ObservedPod } from './observed-pod.ts'
import type { ReadinessSettings } from './pod-groups.ts'
import { type Proposal, replicasByAverage, replicasByUtilization } from './replicas-by-pods.ts'
import { replicasByShare, replicasByValue } from './replicas-by-value.ts'

/** What the controller sees at one look. */
export interface Observation {
  readonly specReplicas: number
  readonly statusReplicas: number
  readonly pods: readonly ObservedPod[]
  readonly read: (metric: MetricSpec) => MetricReading
}

/**
 * The most that any metric asks for. Where one cannot be read, the others may still scale up, but never down; where
 * none can be read, nothing is proposed.
 */
export function proposeReplicas(
  spec: Pick<AutoscalerSpec, 'metrics' | 'scaleUp' | 'scaleDown'>,
  observation: Observation,
  readiness: ReadinessSettings,
  now: number,
): Proposal {
  let replicas = 0
  const invalid: string[] = []
  for (const metric of spec.metrics) {
    const proposal = proposalOf(metric, spec, observation, readiness, now)
    if ('invalid' in proposal) invalid.push(`${metric.name}: ${proposal.invalid}`)
    else replicas = Math.max(replicas, proposal.replicas)
  }
  const first = invalid[0]
  if (
    first !== undefined &&
    (invalid.length === spec.metrics.length || replicas < observation.specReplicas)
  ) {
    return { invalid: first }
  }
  return { replicas }
}

function proposalOf(
  metric: MetricSpec,
  { scaleUp, scaleDown }: Pick<AutoscalerSpec, 'scaleUp' | 'scaleDown'>,
  { specReplicas, statusReplicas, pods, read }: Observation,
  readiness: ReadinessSettings,
  now: number,
): Proposal {
  const reading = read(metric)
  if (reading.kind === 'failed') return { invalid: reading.reason }
  const tolerances = { up: scaleUp.tolerance, down: scaleDown.tolerance }
  const { target } = metric
  if (reading.kind === 'values') {
    const question = { specReplicas, statusReplicas, pods, milli: reading.milli, tolerances }
    if (target.type === 'Value') return replicasByValue(question, target.milli)
    if (target.type === 'AverageValue') return replicasByShare(question, target.milli)
    return { invalid: 'a metric of the system has no utilization' }
  }
  const question = {
    currentReplicas: specReplicas,
    pods,
    samples: reading.samples,
    tolerances,
    readiness,
    now,
  }
  if (target.type === 'Utilization') return replicasByUtilization(question, metric.name, target.percent)
  if (target.type === 'Value') return { invalid: 'a metric of pods has no value of its own' }
  return replicasByAverage(question, metric.type === 'Resource' ? metric.name : undefined, target.milli)
}
