import { InvalidOptionError, requireInteger, withDefaults } from '@golden-arch/core/errors'
import type { Correlation } from './correlation.ts'

/** A past round of which the truth became known: who was right, by agent. */
export type JudgedRound = Readonly<Record<string, boolean>>

/** How history becomes correlations. */
export interface CorrelationOptions {
  /** What two agents are taken to have until they have voted together, 0 to 1000 thousandths. Default 500. */
  readonly priorRhoMilli?: number | undefined
  /** How many common rounds that is worth, 1 to 1000. Default 10. */
  readonly priorRounds?: number | undefined
}

const DEFAULTS = { priorRhoMilli: 500, priorRounds: 10 }
const MAX_ROUNDS = 10_000
const MAX_VOTERS = 100

/**
 * How much each pair of agents errs together: the correlation of their errors over the rounds in which both voted, which
 * is agreement beyond what the truth explains, drawn towards the prior where those rounds are few. Never below 0. Where
 * one of the two never erred, or always did, nothing can be known and the prior stands.
 * @param rounds At most 10000, of at most 100 voters each.
 * @returns All pairs that voted together, sorted.
 * @throws InvalidOptionError `INVALID_OPTION` on more than that, or an option out of range.
 */
export function estimateCorrelations(
  rounds: readonly JudgedRound[],
  options: CorrelationOptions = {},
): readonly Correlation[] {
  const { priorRhoMilli, priorRounds } = withDefaults(options, DEFAULTS)
  requireInteger('priorRhoMilli', priorRhoMilli, { max: 1000 })
  requireInteger('priorRounds', priorRounds, { min: 1, max: 1000 })
  if (rounds.length > MAX_ROUNDS) {
    throw new InvalidOptionError('rounds', `at most ${MAX_ROUNDS} rounds`, rounds.length)
  }
  return [...countTogether(rounds)]
    .map(({ agentIds, counts }): Correlation => {
      const found = correlationOf(counts)
      const evidence = found === undefined ? 0 : counts.rounds
      const rhoMilli =
        (1000 * Math.max(0, found ?? 0) * evidence + priorRhoMilli * priorRounds) / (evidence + priorRounds)
      return { agentIds, rhoMilli: Math.round(rhoMilli) }
    })
    .sort((a, b) => compare(a.agentIds[0], b.agentIds[0]) || compare(a.agentIds[1], b.agentIds[1]))
}

/** Of the rounds in which both voted. */
interface PairCounts {
  rounds: number
  firstWrong: number
  secondWrong: number
  bothWrong: number
}

interface CountedPair {
  readonly agentIds: readonly [string, string]
  readonly counts: PairCounts
}

function* countTogether(rounds: readonly JudgedRound[]): Iterable<CountedPair> {
  const pairs = new Map<string, Map<string, PairCounts>>()
  for (const round of rounds) {
    const votes = Object.entries(round).sort(([a], [b]) => compare(a, b))
    if (votes.length > MAX_VOTERS) {
      throw new InvalidOptionError('rounds', `at most ${MAX_VOTERS} voters in each`, votes.length)
    }
    for (const [index, [first, firstIsRight]] of votes.entries()) {
      const partners = pairs.get(first) ?? new Map<string, PairCounts>()
      pairs.set(first, partners)
      for (const [second, secondIsRight] of votes.slice(index + 1)) {
        const counts = partners.get(second) ?? { rounds: 0, firstWrong: 0, secondWrong: 0, bothWrong: 0 }
        partners.set(second, counts)
        counts.rounds++
        if (!firstIsRight) counts.firstWrong++
        if (!secondIsRight) counts.secondWrong++
        if (!firstIsRight && !secondIsRight) counts.bothWrong++
      }
    }
  }
  for (const [first, partners] of pairs) {
    for (const [second, counts] of partners) yield { agentIds: [first, second], counts }
  }
}

/** The correlation of two indicators of error, in integers up to the last division; undefined where one of them is constant. */
function correlationOf({ rounds, firstWrong, secondWrong, bothWrong }: PairCounts): number | undefined {
  const spread = firstWrong * (rounds - firstWrong) * secondWrong * (rounds - secondWrong)
  return spread === 0 ? undefined : (rounds * bothWrong - firstWrong * secondWrong) / Math.sqrt(spread)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
