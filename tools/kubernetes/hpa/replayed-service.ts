import type { MetricSpec } from './autoscaler-spec.ts'
import type { MetricReading, ObservedPod, PodSample } from './observed-pod.ts'
import type { ServiceLoad } from './service-load.ts'

const POD_START_SECONDS = 30
/** From a change to its value in an answer: the server's gauges, the scrape, the adapter. */
const METRIC_AGE_SECONDS = 30
const CPU_WINDOW_SECONDS = 30
const QUANTILE_WINDOW_SECONDS = 600

interface Moment {
  readonly at: number
  readonly waiting: number
  readonly inHand: number
  readonly done: number
  readonly waitSeconds: number
  readonly ready: number
}

/** A service under load, in steps of time: its pods, what waits, and what its metrics would say. In seconds. */
export class ReplayedService {
  readonly #load: ServiceLoad
  readonly #pods: { readonly name: string; readonly startedAt: number }[] = []
  readonly #moments: Moment[] = []
  #items = 0
  #named = 0

  constructor(load: ServiceLoad, pods: number, now: number) {
    this.#load = load
    this.#items = load.itemsPerSecond * load.secondsPerItem
    this.scale(pods, now - 3600)
  }

  /** Starts pods, or ends the youngest. */
  scale(replicas: number, now: number): void {
    while (this.#pods.length < replicas) {
      this.#named += 1
      this.#pods.push({ name: `pod-${this.#named}`, startedAt: now })
    }
    this.#pods.length = replicas
  }

  /** Lets `seconds` pass, of which each brings `itemsPerSecond`. */
  advance(seconds: number, itemsPerSecond: number, now: number): Moment {
    const { secondsPerItem, slotsPerPod } = this.#load
    const ready = this.#pods.filter((pod) => isReady(pod.startedAt, now)).length
    this.#items += itemsPerSecond * seconds
    const places = ready * slotsPerPod
    // Items that are shorter than a step pass a slot one after the other within it.
    const turns = seconds / secondsPerItem
    const done = Math.min(this.#items * Math.min(1, turns), places * turns)
    const inHand = turns > 1 ? done / turns : Math.min(this.#items, places)
    const waiting = this.#items - (turns > 1 ? done : inHand)
    const waitSeconds = done === 0 ? 0 : (waiting * seconds) / done
    this.#items -= done
    const moment = { at: now, waiting, inHand, done: done / seconds, waitSeconds, ready }
    this.#moments.push(moment)
    return moment
  }

  /** The pods as the controller sees them. */
  pods(now: number): readonly ObservedPod[] {
    return this.#pods.map(({ name, startedAt }) => {
      const isTrue = isReady(startedAt, now)
      return {
        ...{ name, phase: 'Running', isDeleting: false, startedAt },
        ready: { isTrue, changedAt: isTrue ? startedAt + POD_START_SECONDS : startedAt },
        requests: { cpu: this.#load.cpuRequestMilli },
      }
    })
  }

  /** What a metric says, as old as it is when the controller reads it. */
  read(metric: MetricSpec, now: number): MetricReading {
    const seen = this.#moments.findLast(({ at }) => at <= now - METRIC_AGE_SECONDS) ?? this.#moments[0]
    if (seen === undefined) return { kind: 'failed', reason: 'nothing was measured yet' }
    const { waiting, inHand, done, ready } = seen
    switch (metric.name) {
      case 'cpu':
        return this.#each((inHand / ready) * this.#load.cpuPerItemMilli, seen, CPU_WINDOW_SECONDS)
      case 'model_calls_open':
        return this.#each((inHand / ready) * 1000, seen, 0)
      case 'http_requests_per_second':
        return this.#each((done / ready) * 1000, seen, 0)
      case 'queue_depth':
        return { kind: 'values', milli: [Math.round(waiting) * 1000] }
      case 'active_tasks':
      case 'escalations_open':
        return { kind: 'values', milli: [Math.round(waiting + inHand) * 1000] }
      case 'peer_review_consensus_time_p95':
        return { kind: 'values', milli: [Math.round(this.#quantile(seen.at) * 1000)] }
      default:
        return { kind: 'failed', reason: 'nobody measures it' }
    }
  }

  /** The pods that were ready then and still are there, each with the mean. */
  #each(milli: number, { at }: Moment, windowSeconds: number): MetricReading {
    const measured = this.#pods.filter(({ startedAt }) => isReady(startedAt, at))
    const samples = measured.map(({ name }): readonly [string, PodSample] => [
      name,
      { milli: Math.round(milli), at, windowSeconds },
    ])
    return samples.length === 0
      ? { kind: 'failed', reason: 'no pod was ready' }
      : { kind: 'pods', samples: new Map(samples) }
  }

  /** The time that 95 of 100 items took at most, of those that ended within the window. */
  #quantile(now: number): number {
    const recent = this.#moments
      .filter(({ at }) => at > now - QUANTILE_WINDOW_SECONDS && at <= now)
      .sort((one, other) => other.waitSeconds - one.waitSeconds)
    let above = recent.reduce((sum, { done }) => sum + done, 0) * 0.05
    const found = recent.find(({ done }) => {
      above -= done
      return above <= 0
    })
    return this.#load.secondsPerItem + (found?.waitSeconds ?? 0)
  }
}

function isReady(startedAt: number, now: number): boolean {
  return now >= startedAt + POD_START_SECONDS
}
