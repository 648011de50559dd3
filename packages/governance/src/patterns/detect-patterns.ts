import { wilsonInterval } from '../statistics/wilson-interval.ts'
import { binomialTail } from './binomial-tail.ts'
import { byTasks, countFixes, type FixCount } from './count-fixes.ts'
import {
  type DetectionOptions,
  type ResolvedDetectionOptions,
  resolveDetectionOptions,
} from './detection-options.ts'
import { patternIdOf } from './failure-kind.ts'
import type { RecordedFailure } from './recorded-failure.ts'

/** A fix that helps against a kind of failure, as far as the numbers go. */
export interface SuggestedPattern extends FixCount {
  readonly patternId: string
  /** What the share of its successes is at least. */
  readonly lowerBound: number
}

/** What a history of failures teaches. */
export interface Detection {
  /** At most one for each kind of failure; the highest bound first. */
  readonly suggestions: readonly SuggestedPattern[]
  /** Fixes that were judged, as enough tasks had tried them. */
  readonly candidates: number
  /** Fixes that enough tasks had tried, yet were not judged, as there were more than `maxCandidates`. */
  readonly hasMore: boolean
  /**
   * How many suggestions this many fixes would give at most by chance, on average, if none of them were any better than
   * `minLowerBound`: the sum of each one's chance to pass.
   */
  readonly expectedByChance: number
}

/**
 * The patterns in the failures of one tenant. Failures are grouped by role, guard, context signature and fingerprint; a
 * fix is suggested where at least `minTasks` tasks tried it and the Wilson lower bound of its success reaches
 * `minLowerBound`. Of several such fixes for one kind the one with the highest bound is suggested.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function detectPatterns(
  failures: Iterable<RecordedFailure>,
  options: DetectionOptions = {},
): Detection {
  const resolved = resolveDetectionOptions(options)
  return judgeFixes(countFixes(failures), resolved)
}

/** The same from counts. */
export function judgeFixes(counts: readonly FixCount[], options: ResolvedDetectionOptions): Detection {
  const enough = counts.filter((count) => count.tasks >= options.minTasks).sort(byTasks)
  const candidates = enough.slice(0, options.maxCandidates)
  const best = new Map<string, SuggestedPattern>()
  for (const count of candidates) {
    const lowerBound = wilsonInterval({ successes: count.succeeded, samples: count.tasks }, options.z).lower
    if (lowerBound < options.minLowerBound) continue
    const suggestion = { ...count, patternId: patternIdOf(count), lowerBound }
    const other = best.get(count.kindId)
    if (other === undefined || byBound(suggestion, other) < 0) best.set(count.kindId, suggestion)
  }
  return {
    suggestions: [...best.values()].sort(byBound),
    candidates: candidates.length,
    hasMore: enough.length > candidates.length,
    expectedByChance: expectedByChance(candidates, options),
  }
}

/** The smallest number of successes with which `tasks` tasks pass; more than `tasks` where none does. */
export function leastSuccesses(tasks: number, { z, minLowerBound }: ResolvedDetectionOptions): number {
  let low = 0
  let high = tasks + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (wilsonInterval({ successes: middle, samples: tasks }, z).lower >= minLowerBound) high = middle
    else low = middle + 1
  }
  return low
}

function expectedByChance(candidates: readonly FixCount[], options: ResolvedDetectionOptions): number {
  const chances = new Map<number, number>()
  let sum = 0
  for (const { tasks } of candidates) {
    const chance =
      chances.get(tasks) ?? binomialTail(tasks, leastSuccesses(tasks, options), options.minLowerBound)
    chances.set(tasks, chance)
    sum += chance
  }
  return sum
}

function byBound(one: SuggestedPattern, other: SuggestedPattern): number {
  return other.lowerBound - one.lowerBound || byTasks(one, other)
}
