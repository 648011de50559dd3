import type { ScalingPolicy, ScalingRules } from './autoscaler-spec.ts'

/** A change that was carried out. `change` is the number of pods, always positive. In seconds. */
export interface ScaleEvent {
  readonly change: number
  readonly at: number
}

/** What was carried out in both directions. */
export interface ScaleHistory {
  readonly up: readonly ScaleEvent[]
  readonly down: readonly ScaleEvent[]
}

/** The most replicas that the rules allow now. */
export function scaleUpLimit(
  current: number,
  history: ScaleHistory,
  rules: ScalingRules,
  now: number,
): number {
  if (rules.selectPolicy === 'Disabled') return current
  const proposals = rules.policies.map((policy) => {
    const start = replicasAtStart(current, history, policy, now)
    // Rounded up, or a small percentage of few pods would never add one.
    return policy.type === 'Pods' ? start + policy.value : Math.ceil(start * (1 + policy.value / 100))
  })
  const limit = rules.selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(...proposals)
  return Math.max(current, limit)
}

/** The fewest replicas that the rules allow now. */
export function scaleDownLimit(
  current: number,
  history: ScaleHistory,
  rules: ScalingRules,
  now: number,
): number {
  if (rules.selectPolicy === 'Disabled') return current
  const proposals = rules.policies.map((policy) => {
    const start = replicasAtStart(current, history, policy, now)
    return policy.type === 'Pods' ? start - policy.value : Math.trunc(start * (1 - policy.value / 100))
  })
  const limit = rules.selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals)
  return Math.min(current, limit)
}

/** The history without what no policy looks at any more. */
export function recentEvents(
  events: readonly ScaleEvent[],
  rules: ScalingRules,
  now: number,
): readonly ScaleEvent[] {
  const longest = Math.max(0, ...rules.policies.map(({ periodSeconds }) => periodSeconds))
  return events.filter(({ at }) => at >= now - longest)
}

function replicasAtStart(
  current: number,
  { up, down }: ScaleHistory,
  { periodSeconds }: ScalingPolicy,
  now: number,
): number {
  return current - changeSince(up, now - periodSeconds) + changeSince(down, now - periodSeconds)
}

function changeSince(events: readonly ScaleEvent[], cutoff: number): number {
  return events.reduce((sum, { change, at }) => (at > cutoff ? sum + change : sum), 0)
}
