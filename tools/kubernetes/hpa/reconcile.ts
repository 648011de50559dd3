import type { AutoscalerSpec } from './autoscaler-spec.ts'
import { type LimitReason, limitRate } from './limit-rate.ts'
import type { ReadinessSettings } from './pod-groups.ts'
import { type Observation, proposeReplicas } from './propose-replicas.ts'
import { recentEvents, type ScaleHistory } from './scale-limit.ts'
import { type Recommendation, stabilize } from './stabilize.ts'

/** What the controller remembers of an autoscaler from look to look. */
export interface AutoscalerState {
  readonly recommendations: readonly Recommendation[]
  readonly history: ScaleHistory
}

/** What came of one look. */
export interface Reconciled {
  readonly replicas: number
  readonly reason: LimitReason | 'Disabled' | 'MetricsInvalid'
  readonly state: AutoscalerState
}

/** What the controller does at each look, by default every 15 seconds. `state` is absent at the first. */
export function reconcile(
  spec: AutoscalerSpec,
  state: AutoscalerState | undefined,
  observation: Observation,
  readiness: ReadinessSettings,
  now: number,
): Reconciled {
  const current = observation.specReplicas
  const known = state ?? { recommendations: [{ replicas: current, at: now }], history: { up: [], down: [] } }
  if (current === 0 && spec.minReplicas > 0) return { replicas: 0, reason: 'Disabled', state: known }
  if (current > spec.maxReplicas)
    return stored(spec, known, current, spec.maxReplicas, 'TooManyReplicas', now)
  if (current < spec.minReplicas) return stored(spec, known, current, spec.minReplicas, 'TooFewReplicas', now)
  const proposal = proposeReplicas(spec, observation, readiness, now)
  if ('invalid' in proposal) return { replicas: current, reason: 'MetricsInvalid', state: known }
  const { replicas, recommendations } = stabilize(
    current,
    proposal.replicas,
    known.recommendations,
    spec,
    now,
  )
  const limited = limitRate(spec, current, replicas, known.history, now)
  return stored(spec, { ...known, recommendations }, current, limited.replicas, limited.reason, now)
}

function stored(
  { scaleUp, scaleDown }: AutoscalerSpec,
  { recommendations, history: { up, down } }: AutoscalerState,
  current: number,
  replicas: number,
  reason: LimitReason,
  now: number,
): Reconciled {
  const history = {
    up:
      replicas > current ? [...recentEvents(up, scaleUp, now), { change: replicas - current, at: now }] : up,
    down:
      replicas < current
        ? [...recentEvents(down, scaleDown, now), { change: current - replicas, at: now }]
        : down,
  }
  return { replicas, reason, state: { recommendations, history } }
}
