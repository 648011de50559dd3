import type { AutoscalerSpec } from './autoscaler-spec.ts'
import { DEFAULT_READINESS } from './pod-groups.ts'
import { type AutoscalerState, reconcile } from './reconcile.ts'
import { ReplayedService } from './replayed-service.ts'
import type { ServiceLoad } from './service-load.ts'

const STEP_SECONDS = 5
const SYNC_SECONDS = 15
const BEFORE_SECONDS = 600

/** How long a spike lasts, and how long it is watched after its end. In seconds. */
export const SPIKE_SECONDS = 1200
/** As {@link SPIKE_SECONDS}: until the slowest service is back. */
export const AFTER_SECONDS = 7200
/** How many times the usual load a spike is. */
const SPIKE_FACTOR = 10

/** A service at one time. Instants are seconds from the spike's start. */
export interface ReplayPoint {
  readonly at: number
  readonly replicas: number
  readonly ready: number
  readonly waiting: number
}

/** What a spike did. Times are absent where it never came to that. */
export interface SpikeReplay {
  readonly points: readonly ReplayPoint[]
  /** The pods that bear the load of the spike, no more than there may be. */
  readonly neededPods: number
  readonly secondsToCapacity: number | undefined
  readonly mostPods: number
  readonly mostWaiting: number
  /** From the spike's end until there are as few pods as before it. */
  readonly secondsBack: number | undefined
}

/** Replays ten times the load of a service, and its end, against its autoscaler. */
export function replaySpike(spec: AutoscalerSpec, load: ServiceLoad): SpikeReplay {
  let replicas = spec.minReplicas
  let state: AutoscalerState | undefined
  const service = new ReplayedService(load, replicas, -BEFORE_SECONDS)
  const points: ReplayPoint[] = []
  for (let now = -BEFORE_SECONDS; now <= SPIKE_SECONDS + AFTER_SECONDS; now += STEP_SECONDS) {
    const isSpike = now >= 0 && now < SPIKE_SECONDS
    const factor = isSpike ? SPIKE_FACTOR : 1
    const { ready, waiting } = service.advance(STEP_SECONDS, load.itemsPerSecond * factor, now)
    if (now % SYNC_SECONDS === 0) {
      const pods = service.pods(now)
      const observation = {
        ...{ specReplicas: replicas, statusReplicas: pods.length, pods },
        read: (metric: AutoscalerSpec['metrics'][number]) => service.read(metric, now),
      }
      const looked = reconcile(spec, state, observation, DEFAULT_READINESS, now)
      state = looked.state
      replicas = looked.replicas
      service.scale(replicas, now)
    }
    points.push({ at: now, replicas, ready, waiting })
  }
  return summaryOf(spec, load, points)
}

function summaryOf(
  { maxReplicas, scaleUp }: AutoscalerSpec,
  { itemsPerSecond, secondsPerItem, slotsPerPod, itemsPerPod }: ServiceLoad,
  points: readonly ReplayPoint[],
): SpikeReplay {
  const inSpike = itemsPerSecond * SPIKE_FACTOR * secondsPerItem
  // A mean may be passed by the tolerance; the slots of a pod are all there are.
  const perPod = Number.isFinite(slotsPerPod) ? itemsPerPod : itemsPerPod * (1 + scaleUp.tolerance)
  const neededPods = Math.min(maxReplicas, Math.ceil(Number((inSpike / perPod).toPrecision(12))))
  const usual = points.findLast(({ at }) => at < 0)?.replicas ?? 0
  const back = points.find(({ at, replicas }) => at >= SPIKE_SECONDS && replicas <= usual)?.at
  return {
    points,
    neededPods,
    secondsToCapacity: points.find(({ at, ready }) => at >= 0 && ready >= neededPods)?.at,
    mostPods: Math.max(...points.map(({ ready }) => ready)),
    mostWaiting: Math.max(...points.map(({ waiting }) => waiting)),
    secondsBack: back === undefined ? undefined : back - SPIKE_SECONDS,
  }
}
