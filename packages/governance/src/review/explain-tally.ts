import type { ReviewDecision, ReviewSums } from './review-outcome.ts'
import type { ReviewPolicy, Share } from './review-policy.ts'

/** What an explanation is made of. */
export interface TallyFacts {
  readonly decision: ReviewDecision
  readonly sums: ReviewSums
  readonly policy: ReviewPolicy
  /** How many votes were counted. */
  readonly answered: number
  /** How many of them abstained. */
  readonly abstained: number
  /** How many may vote. */
  readonly invited: number
  readonly pivotal: readonly string[]
  readonly late: readonly string[]
}

/** Tells in words how a tally came out; the same facts always give the same words. */
export function explainTally(facts: TallyFacts): string {
  const { sums, policy, pivotal, late } = facts
  const answeredMilli = sums.approveMilli + sums.rejectMilli + sums.abstainMilli
  const sentences = [
    verdict(facts),
    `Weights: approve ${votes(sums.approveMilli)}, reject ${votes(sums.rejectMilli)}, abstain ${votes(sums.abstainMilli)}.`,
    `${facts.answered} of ${facts.invited} reviewers answered${abstentions(facts)}, with ${votes(answeredMilli)} of ` +
      `${votes(sums.eligibleMilli)} weight; the quorum is ${fraction(policy.quorum)}.`,
    pivotal.length === 0
      ? 'The outcome would be the same had any one of them abstained.'
      : `Pivotal, as the outcome would differ had they abstained: ${pivotal.join(', ')}.`,
  ]
  if (late.length > 0) sentences.push(`Too late to be counted: ${late.join(', ')}.`)
  return sentences.join(' ')
}

function verdict({ decision, sums, policy }: TallyFacts): string {
  const decisiveMilli = sums.approveMilli + sums.rejectMilli
  const share = `${votes(sums.approveMilli)} of ${votes(decisiveMilli)} decisive weight approves`
  const needed = `${fraction(policy.threshold)} is needed`
  if (decision.kind === 'approved') return `Approved: ${share}, ${needed}.`
  if (decision.kind === 'rejected') return `Rejected: only ${share}, more rejects.`
  if (decision.kind === 'vetoed') return `Vetoed by a critical rejection of ${decision.vetoedBy.join(', ')}.`
  switch (decision.reason) {
    case 'quorum-missing':
      return 'No consensus: too few answered.'
    case 'deadline':
      return 'No consensus: too few had answered at the deadline.'
    case 'no-decision':
      return 'No consensus: nobody with weight approved or rejected.'
    case 'tie':
      return `No consensus: a tie, ${share}; things stay as they are.`
    case 'below-threshold':
      return `No consensus: ${share}, ${needed}.`
  }
}

function abstentions({ abstained }: TallyFacts): string {
  return abstained === 0 ? '' : `, ${abstained} of them by an abstention`
}

/** Thousandths as a decimal number of votes: 1500 is 1.5. */
export function votes(milli: number): string {
  return String(milli / 1000)
}

function fraction(share: Share): string {
  return `${share.numerator}/${share.denominator}`
}
