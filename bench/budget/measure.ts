import { randomUUID } from 'node:crypto'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { ProcessorTime } from '../processor-time.ts'
import { budgetCount, type OpenContender, type Shape, USED_TOKENS } from './contender.ts'

/** What one round of one contender gave. */
export interface Round {
  /** Holds with their commits, for each second. */
  readonly pairsPerSecond: number
  /** Milliseconds of a single call, a hold or a commit. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Microseconds of processor time for each pair: this process and the servers. */
  readonly cpuMicros: number
  /** Pairs done, those before the clock ran included. */
  readonly pairCount: number
}

/** How one round runs. */
export interface RoundPlan {
  readonly shape: Shape
  readonly callers: number
  readonly seconds: number
}

/** Lets `callers` hold and commit one after the other, warm first, then against the clock; checks the sum at the end. */
export async function measureRound(
  contender: OpenContender,
  plan: RoundPlan,
  processorTime: () => ProcessorTime,
): Promise<Round> {
  const warm = await runCallers(contender, plan, Math.min(1, plan.seconds / 3))
  const histogram = createHistogram()
  const cpuBefore = processorTime()
  const startedAt = performance.now()
  const pairCount = await runCallers(contender, plan, plan.seconds, histogram)
  const elapsedMs = performance.now() - startedAt
  const cpuMicros = processorTime() - cpuBefore
  const used = await contender.usedTokens()
  const expected = (warm + pairCount) * USED_TOKENS
  if (used !== expected) throw new Error(`${used} tokens are used, ${expected} were committed`)
  return {
    pairsPerSecond: (pairCount * 1000) / elapsedMs,
    p50Ms: histogram.percentile(50) / 1e6,
    p99Ms: histogram.percentile(99) / 1e6,
    cpuMicros: cpuMicros / pairCount,
    pairCount: warm + pairCount,
  }
}

async function runCallers(
  contender: OpenContender,
  { callers, shape }: RoundPlan,
  seconds: number,
  histogram?: RecordableHistogram,
): Promise<number> {
  const budgets = budgetCount(shape)
  const endsAt = performance.now() + seconds * 1000
  let pairCount = 0
  const call = async (caller: number): Promise<void> => {
    for (let turn = 0; ; turn++) {
      const requestId = randomUUID()
      const budget = (caller * 7919 + turn * 31) % budgets
      const askedAt = performance.now()
      if (askedAt >= endsAt) return
      await contender.hold(requestId, budget)
      const heldAt = performance.now()
      await contender.commit(requestId, budget)
      const doneAt = performance.now()
      pairCount++
      histogram?.record(Math.max(1, Math.round((heldAt - askedAt) * 1e6)))
      histogram?.record(Math.max(1, Math.round((doneAt - heldAt) * 1e6)))
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)))
  return pairCount
}
