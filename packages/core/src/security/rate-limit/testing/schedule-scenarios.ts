import { LimiterCluster } from './limiter-cluster.ts'
import type { LimiterAnswer, RealCall } from './limiter-process.ts'
import { mostInWindow } from './most-in-window.ts'
import { realSchedules, type Schedule, simulatedSchedules } from './schedule.ts'
import type { SimulatedDecision } from './simulated-time-redis.ts'

/** What was seen in schedules that held. */
export interface ScheduleFigures {
  readonly schedules: number
  readonly calls: number
  readonly admitted: number
  /** Schedules in which some window held exactly the limit. */
  readonly full: number
}

const BATCH = 500

/**
 * Random schedules of three real processes on a real Redis, whose scripts go by a simulated clock with windows of a minute.
 * @throws Error when a window holds more calls than the limit, or a call was denied that the limit had room for.
 */
export async function holdSimulatedSchedules(
  address: string,
  prefix: string,
  count: number,
  seed: number,
): Promise<ScheduleFigures> {
  const all = simulatedSchedules(prefix, count, seed)
  const figures = { schedules: 0, calls: 0, admitted: 0, full: 0 }
  await withCluster(async (cluster) => {
    for (let first = 0; first < all.length; first += BATCH) {
      const schedules = all.slice(first, first + BATCH)
      const answers = await cluster.askAll({ address, schedules, realMs: undefined })
      for (const [index, schedule] of schedules.entries()) {
        const decisions = answers.flatMap((answer) => decisionsOf(answer, index))
        decisions.sort((one, other) => one.atMicros - other.atMicros)
        const admitted = decisions.filter(({ allowed }) => allowed).map(({ atMicros }) => atMicros)
        const most = judge(schedule, decisions, admitted)
        figures.schedules++
        figures.calls += decisions.length
        figures.admitted += admitted.length
        if (most === schedule.limit.limit) figures.full++
      }
    }
  })
  return figures
}

/**
 * Random schedules of three real processes by the real clock, all at once. A call was decided on between its sending and
 * its answer, so that more calls than the limit count as such only where all of that lies within one window.
 * @throws Error when a window surely holds more calls than the limit.
 */
export async function holdRealSchedules(
  address: string,
  prefix: string,
  count: number,
  windowMs: number,
  realMs: number,
): Promise<ScheduleFigures> {
  const schedules = realSchedules(prefix, count, 1, windowMs)
  const offsetBefore = clockOffsetMs()
  const answers = await withCluster((cluster) => cluster.askAll({ address, schedules, realMs }))
  // Redis goes by the wall clock, the processes by one that nobody sets: what the two differ by is no fault.
  const toleranceMs = 1 + Math.abs(clockOffsetMs() - offsetBefore)
  const figures = { schedules: 0, calls: 0, admitted: 0, full: 0 }
  for (const answer of answers) figures.calls += answer.kind === 'real' ? answer.calls : 0
  for (const [index, { key, limit }] of schedules.entries()) {
    const calls = answers.flatMap((answer) => (answer.kind === 'real' ? (answer.admitted[index] ?? []) : []))
    const most = surelyInWindow(calls, limit.windowMs - toleranceMs)
    if (most > limit.limit) throw new Error(`${key}: ${most} calls in a window of ${limit.limit}`)
    figures.schedules++
    figures.admitted += calls.length
    if (calls.length >= limit.limit) figures.full++
  }
  return figures
}

function judge(
  { key, limit, isSetBack }: Schedule,
  decisions: readonly SimulatedDecision[],
  admitted: readonly number[],
): number {
  const windowMicros = limit.windowMs * 1000
  const most = mostInWindow(admitted, windowMicros)
  if (most > limit.limit) throw new Error(`${key}: ${most} calls in a window of ${limit.limit}`)
  // A clock that was set back makes calls look younger than they are.
  if (isSetBack) return most
  for (const { allowed, atMicros } of decisions) {
    if (allowed) continue
    const inWindow = admitted.filter((at) => at <= atMicros && atMicros - at < windowMicros).length
    if (inWindow < limit.limit)
      throw new Error(`${key}: denied with ${inWindow} of ${limit.limit} in the window`)
  }
  return most
}

/** The most calls that were both sent and answered within any window. */
function surelyInWindow(calls: readonly RealCall[], windowMs: number): number {
  const most = calls.map(
    (first) =>
      calls.filter((one) => one.sentAtMs >= first.sentAtMs && one.answeredAtMs < first.sentAtMs + windowMs)
        .length,
  )
  return Math.max(0, ...most)
}

function decisionsOf(answer: LimiterAnswer, index: number): readonly SimulatedDecision[] {
  return answer.kind === 'simulated' ? (answer.decisions[index] ?? []) : []
}

function clockOffsetMs(): number {
  return Date.now() - Number(process.hrtime.bigint() / 1_000_000n)
}

async function withCluster<T>(run: (cluster: LimiterCluster) => Promise<T>): Promise<T> {
  const cluster = new LimiterCluster()
  try {
    return await run(cluster)
  } finally {
    cluster.kill()
  }
}
