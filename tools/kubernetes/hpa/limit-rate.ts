import type { AutoscalerSpec } from './autoscaler-spec.ts'
import { type ScaleHistory, scaleDownLimit, scaleUpLimit } from './scale-limit.ts'

/** Why a number is not what was desired, by the names of the condition `ScalingLimited`. */
export type LimitReason =
  | 'DesiredWithinRange'
  | 'ScaleUpLimit'
  | 'TooManyReplicas'
  | 'ScaleDownLimit'
  | 'TooFewReplicas'

/** What of a wish may be carried out now. */
export interface Limited {
  readonly replicas: number
  readonly reason: LimitReason
}

/** Holds a stabilized number within the policies and within the least and the most replicas. */
export function limitRate(
  { minReplicas, maxReplicas, scaleUp, scaleDown }: Omit<AutoscalerSpec, 'name' | 'target' | 'metrics'>,
  current: number,
  desired: number,
  history: ScaleHistory,
  now: number,
): Limited {
  if (desired > current) {
    const limit = scaleUpLimit(current, history, scaleUp, now)
    const most = Math.min(maxReplicas, limit)
    if (desired > most)
      return { replicas: most, reason: maxReplicas > limit ? 'ScaleUpLimit' : 'TooManyReplicas' }
  } else if (desired < current) {
    const limit = scaleDownLimit(current, history, scaleDown, now)
    const least = Math.max(minReplicas, limit)
    if (desired < least)
      return { replicas: least, reason: minReplicas < limit ? 'ScaleDownLimit' : 'TooFewReplicas' }
  }
  return { replicas: desired, reason: 'DesiredWithinRange' }
}
