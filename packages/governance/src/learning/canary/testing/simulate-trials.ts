import { seededRandom } from '../../../testing/seeded-random.ts'
import type { CanaryPolicy } from '../canary-trial.ts'
import { decideCanary } from '../decide-canary.ts'

/** Trials to play, and how often tasks fail in them. */
export interface SimulatedTrials {
  readonly policy: CanaryPolicy
  readonly canaryRate: number
  readonly productionRate: number
  readonly trials: number
  /** Default 1. The same seed gives the same trials. */
  readonly seed?: number
}

/** How the trials ended. */
export interface SimulatedEnds {
  readonly rolledBack: number
  readonly passed: number
  readonly inconclusive: number
  /** Tasks of the version on trial until it was rolled back, of the trials in which it was, ascending. */
  readonly canaryTasksUntilRollback: readonly number[]
}

/** Plays trials with seeded chance: each task falls to a version by the share, fails by its rate, and is decided on. */
export function simulateTrials(simulated: SimulatedTrials): SimulatedEnds {
  const { policy, canaryRate, productionRate, trials, seed = 1 } = simulated
  const chance = seededRandom(seed)
  const ends = { 'roll-back': 0, passed: 0, inconclusive: 0 }
  const until: number[] = []
  for (let trial = 0; trial < trials; trial++) {
    const counts = { canaryTasks: 0, canaryFailures: 0, productionTasks: 0, productionFailures: 0 }
    for (;;) {
      const isCanary = chance() * 1000 < policy.shareMilli
      const failed = chance() < (isCanary ? canaryRate : productionRate)
      if (isCanary) counts.canaryTasks++
      else counts.productionTasks++
      if (failed && isCanary) counts.canaryFailures++
      if (failed && !isCanary) counts.productionFailures++
      const tasks = counts.canaryTasks + counts.productionTasks
      // A success is evidence of nothing: it settles a trial by its number alone.
      if (!failed && counts.canaryTasks < policy.tasksWanted && tasks < policy.maxTasks) continue
      const { kind } = decideCanary(counts, policy)
      if (kind === 'continue') continue
      ends[kind]++
      if (kind === 'roll-back') until.push(counts.canaryTasks)
      break
    }
  }
  return {
    rolledBack: ends['roll-back'],
    passed: ends.passed,
    inconclusive: ends.inconclusive,
    canaryTasksUntilRollback: until.sort((a, b) => a - b),
  }
}
