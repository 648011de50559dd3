import type { ScalingRules } from './autoscaler-spec.ts'

/** What was proposed at a look, before any rule. In seconds. */
export interface Recommendation {
  readonly replicas: number
  readonly at: number
}

/** A stabilized number, and what to remember for the next look. */
export interface Stabilized {
  readonly replicas: number
  readonly recommendations: readonly Recommendation[]
}

/** Holds a proposal within what was proposed lately: up to the lowest, down to the highest of each window. */
export function stabilize(
  current: number,
  desired: number,
  recommendations: readonly Recommendation[],
  rules: Readonly<Record<'scaleUp' | 'scaleDown', Pick<ScalingRules, 'stabilizationWindowSeconds'>>>,
  now: number,
): Stabilized {
  const upCutoff = now - rules.scaleUp.stabilizationWindowSeconds
  const downCutoff = now - rules.scaleDown.stabilizationWindowSeconds
  let lowest = desired
  let highest = desired
  for (const { replicas, at } of recommendations) {
    if (at > upCutoff) lowest = Math.min(lowest, replicas)
    if (at > downCutoff) highest = Math.max(highest, replicas)
  }
  const kept = recommendations.filter(({ at }) => at >= upCutoff || at >= downCutoff)
  return {
    replicas: Math.min(Math.max(current, lowest), highest),
    recommendations: [...kept, { replicas: desired, at: now }],
  }
}
