/**
 * Exact power indices of a round of review: processor time for 10, 50, 100 and 200 voters whose weights come from track
 * records, at the thresholds 2/3 and 1/2, in tenths of a vote (the default step) and finer; beside it the enumeration of
 * all coalitions of 20 voters, which must give the same to the last digit; and a whole explanation of 100 reviewers.
 * Cases take turns in each round; medians are printed, and nothing is asserted by the clock.
 * Usage: node --conditions=golden-arch-source bench/governance/power.ts [--rounds 5]
 */

import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { AGENT_ROLES } from '@golden-arch/core/tasks'
import {
  type CastVote,
  DEFAULT_REVIEW_POLICY,
  explainConsensus,
  PowerError,
  powerIndices,
  type Share,
  type WeightedGame,
  weightOfTrackRecord,
} from '@golden-arch/governance/review'
import { enumeratedPower } from '../../packages/governance/src/testing/enumerated-power.ts'
import { seededRandom } from '../../packages/governance/src/testing/seeded-random.ts'
import { rounded } from '../rounded.ts'
import { calibrate, median, microsOf } from '../validation/measure.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)
if (!(rounds > 0)) throw new RangeError(`--rounds takes a positive number, not ${values.rounds}`)
const AIM_MILLIS = 100
const TWO_THIRDS: Share = { numerator: 2, denominator: 3 }
const HALF: Share = { numerator: 1, denominator: 2 }

interface Case {
  readonly name: string
  readonly isAim: boolean
  readonly run: () => unknown
  readonly millis: number[]
  calls: number
}

console.log(`Node ${process.version}, ${cpus().length} processors, ${rounds} rounds\n`)
checkAgainstEnumeration()
const cases: readonly Case[] = [
  ...[10, 50, 100, 200].flatMap((voters) =>
    [TWO_THIRDS, HALF].map((threshold) => {
      const shown = `${threshold.numerator}/${threshold.denominator}`
      return indexCase(
        `${voters} voters, tenths, ${shown}`,
        trackRecordGame(voters, threshold, 100),
        voters === 200,
      )
    }),
  ),
  indexCase('200 voters, one with a veto', { ...trackRecordGame(200, TWO_THIRDS, 100), vetoers: [0] }, true),
  indexCase('200 equal voters', { weights: Array<number>(200).fill(1000), quota: 133_334 }, true),
  indexCase('200 voters, twentieths, 2/3', trackRecordGame(200, TWO_THIRDS, 50), false),
  indexCase('50 voters, thousandths, 2/3', trackRecordGame(50, TWO_THIRDS, 1), false),
  indexCase('20 voters, thousandths, 2/3', trackRecordGame(20, TWO_THIRDS, 1), false),
  enumerationCase(trackRecordGame(20, TWO_THIRDS, 1)),
  explanationCase(100),
]
for (const one of cases) one.calls = await calibrate(one.run)
for (let round = 0; round < rounds; round++) {
  for (let turn = 0; turn < cases.length; turn++) {
    // Another order in each round, so that nobody always follows the same one.
    const one = cases[(turn + round) % cases.length]
    if (one !== undefined) one.millis.push((await microsOf(one.run, one.calls)) / 1000)
  }
}
for (const { name, isAim, millis } of cases) {
  const middle = median(millis)
  const verdict = isAim ? `   aim < ${AIM_MILLIS} ms: ${middle < AIM_MILLIS ? 'reached' : 'missed'}` : ''
  console.log(`${name.padEnd(44)}${`${rounded(middle)} ms`.padStart(12)}${verdict}`)
}
tellLimit()

function indexCase(name: string, game: WeightedGame, isAim: boolean): Case {
  return { name, isAim, run: () => powerIndices(game), millis: [], calls: 1 }
}

function enumerationCase(game: WeightedGame): Case {
  const run = (): unknown => enumeratedPower(game)
  return { name: '20 voters, all coalitions enumerated', isAim: false, run, millis: [], calls: 1 }
}

function explanationCase(reviewers: number): Case {
  const { weights } = trackRecordGame(reviewers, TWO_THIRDS, 100)
  const now = new Date(0)
  const eligible = weights.map((weightMilli, index) => {
    const role = AGENT_ROLES[1 + (index % 4)] ?? 'reviewer'
    return { agentId: `agent-${index}`, role, weightMilli }
  })
  const votes = eligible.map(({ agentId }, index): CastVote => {
    const decision = index % 4 === 0 ? 'reject' : 'approve'
    return { agentId, decision, findings: [], rationale: 'because', confidence: 1, castAt: now }
  })
  const run = (): unknown => explainConsensus({ votes, eligible, policy: DEFAULT_REVIEW_POLICY, now })
  return { name: `a round of ${reviewers} reviewers explained`, isAim: false, run, millis: [], calls: 1 }
}

/** Voters right in 55 to 95 of 100 of up to 200 votes. */
function trackRecordGame(voters: number, threshold: Share, stepMilli: number): WeightedGame {
  const random = seededRandom(voters)
  const weights = Array.from({ length: voters }, () => {
    const total = 20 + Math.floor(random() * 180)
    return weightOfTrackRecord({ right: Math.round(total * (0.55 + 0.4 * random())), total }, { stepMilli })
  })
  const sum = weights.reduce((part, one) => part + one, 0)
  const reached = Math.ceil((sum * threshold.numerator) / threshold.denominator)
  return { weights, quota: Math.max(reached, Math.floor(sum / 2) + 1) }
}

function checkAgainstEnumeration(): void {
  const game = { ...trackRecordGame(20, TWO_THIRDS, 1), vetoers: [3] }
  const expected = enumeratedPower(game)
  for (const [voter, { swings, shapleyShubik }] of powerIndices(game).entries()) {
    const { numerator, denominator } = shapleyShubik
    const other = expected[voter]
    const isSame =
      swings === other?.swings &&
      numerator === other.shapleyShubik.numerator &&
      denominator === other.shapleyShubik.denominator
    if (!isSame) throw new Error(`voter ${voter}: enumeration gives another power`)
  }
  console.log('20 voters, one with a veto: the same as by enumeration, to the last digit\n')
}

function tellLimit(): void {
  try {
    powerIndices(trackRecordGame(200, TWO_THIRDS, 1))
    console.log('200 voters in thousandths: computed')
  } catch (error) {
    if (!(error instanceof PowerError)) throw error
    console.log(`200 voters in thousandths: refused, ${error.code} ${JSON.stringify(error.details)}`)
  }
}
