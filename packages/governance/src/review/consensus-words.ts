import type { ConsensusExplanation, RoundPower } from './consensus-explanation.ts'
import { votes } from './explain-tally.ts'
import type { ReviewOutcomeKind } from './review-outcome.ts'
import type { SmallestFlip } from './smallest-flip.ts'
import type { VoterAccount } from './vote-counterfactuals.ts'

/** How many are named where only the strongest are. */
const NAMED = 5

/** Tells an explanation in words; the same facts always give the same words. */
export function consensusWords(facts: Omit<ConsensusExplanation, 'text'>): string {
  const { outcome, voters, smallestFlip, power, effectiveVotesMilli } = facts
  return [
    outcome.explanation,
    pivotalWords(voters, outcome.kind),
    flipWords(smallestFlip),
    powerWords(power, voters),
    `The approvals and rejections amount to ${votes(effectiveVotesMilli)} independent votes of equal weight.`,
  ].join(' ')
}

function pivotalWords(voters: readonly VoterAccount[], actual: ReviewOutcomeKind): string {
  const pivotal = voters.filter((one) => one.isPivotal)
  if (pivotal.length === 0) return 'No one reviewer alone could have changed it by another answer.'
  const changes = pivotal.map((one) => {
    const others = Object.entries(one.hadTheyVoted).filter(
      ([answer, kind]) => kind !== actual && answer !== one.answer,
    )
    const isVeto = one.isVeto && one.hadTheyVoted.reject !== actual
    const ways = others.map(([answer, kind]) => `${answer}: ${kind}`)
    return `${one.agentId} (${[...(isVeto ? [`reject without a veto: ${one.hadTheyVoted.reject}`] : []), ...ways].join(', ')})`
  })
  return `Alone could have changed it by another answer: ${changes.join('; ')}.`
}

function flipWords(flip: SmallestFlip): string {
  if (flip.kind === 'impossible') return 'No votes cast otherwise would have changed it.'
  const { changes, leadsTo } = flip
  const named = changes.map(({ agentId, to }) => `${agentId} to ${to}`).join(', ')
  return `The fewest votes that would have changed it: ${changes.length} (${named}), to ${leadsTo}.`
}

function powerWords(power: RoundPower, voters: readonly VoterAccount[]): string {
  if (power.kind === 'no-weight') return 'No reviewer has weight.'
  if (power.kind === 'too-large') return 'The weights are too many and too fine to tell power exactly.'
  const shares = voters
    .map(({ agentId }, voter) => ({ agentId, share: power.indices[voter]?.shapleyShubik.value ?? 0 }))
    .sort((a, b) => b.share - a.share || (a.agentId < b.agentId ? -1 : 1))
  const named = shares.slice(0, NAMED).map(({ agentId, share }) => `${agentId} ${percent(share)}`)
  const rest = shares.length > NAMED ? ` and ${shares.length - NAMED} with no more each` : ''
  return `Power beforehand, of all orders of voting (Shapley and Shubik): ${named.join(', ')}${rest}.`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
