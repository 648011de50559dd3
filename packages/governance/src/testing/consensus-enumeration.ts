import { decideReview, sumUp, vetoersOf } from '../review/decide-review.ts'
import type { Reviewer, ReviewPolicy } from '../review/index.ts'
import { mayCloseEarly, tallyVotes } from '../review/index.ts'
import type { Ballot } from '../review/match-ballots.ts'
import type { CastVote } from '../review/review-vote.ts'

/** Who may vote, and by which rules. */
export interface Panel {
  readonly eligible: readonly Reviewer[]
  readonly policy: ReviewPolicy
}

/** How much was looked at. */
export interface EnumerationFigures {
  panels: number
  states: number
  /** States that are settled though somebody has not voted. */
  settledEarly: number
  vetoed: number
  approved: number
}

/** What each voter may have done; a state of a panel is one digit of these for each voter. */
const ACTS = ['silent', 'approve', 'abstain', 'reject', 'veto'] as const
const [SILENT, APPROVE, REJECT, VETO] = [0, 1, 3, 4] as const
/** Not every state is tallied in full: the tally around the decision is slower than the decision. */
const TALLY_EVERY = 97

const openedAt = new Date('2026-03-01T12:00:00Z')
const deadlineAt = new Date('2026-03-01T13:00:00Z')
const afterDeadline = new Date('2026-03-01T13:00:01Z')

/**
 * Looks at every state of a panel: each voter silent, or with any vote. Throws where closing early differs from any way
 * that waiting may end, or is missed; where swapping two equal voters matters; where a veto does not hold; where one
 * more approval harms an approval, or one more rejection a rejection; or where a quorum does not hold.
 */
export function enumeratePanel(panel: Panel, figures: EnumerationFigures): void {
  const size = panel.eligible.length
  const count = ACTS.length ** size
  const places = Array.from({ length: size }, (_, index) => ACTS.length ** index)
  const digitOf = (state: number, voter: number): number =>
    Math.floor(state / (places[voter] ?? 1)) % ACTS.length
  const withDigit = (state: number, voter: number, digit: number): number =>
    state + (digit - digitOf(state, voter)) * (places[voter] ?? 1)
  const votesOf = (state: number): readonly CastVote[] =>
    panel.eligible.flatMap(({ agentId }, voter) => voteOf(agentId, digitOf(state, voter)))

  const ends = Array.from({ length: count }, (_, state) => endOf(panel, votesOf(state)))
  /** How every completion ends, undefined where they differ. Completions have greater numbers, so they come first. */
  const certain = new Array<string | undefined>(count)
  for (let state = count - 1; state >= 0; state--) {
    certain[state] = completionsOf(state).every((one) => certain[one] === ends[state])
      ? ends[state]
      : undefined
    check(state)
  }
  figures.panels++

  function completionsOf(state: number): readonly number[] {
    const completions: number[] = []
    for (let voter = 0; voter < size; voter++) {
      if (digitOf(state, voter) !== SILENT) continue
      for (let digit = 1; digit < ACTS.length; digit++) completions.push(withDigit(state, voter, digit))
    }
    return completions
  }

  function check(state: number): void {
    const end = ends[state]
    const votes = votesOf(state)
    const mayClose = mayCloseEarly({ ...panel, votes })
    if (mayClose !== (certain[state] !== undefined)) fail('closing early', state)
    if (mayClose && earlyEnd(panel, votes) !== end) fail('the outcome of closing early', state)
    if (state % TALLY_EVERY === 0 && tallied(panel, votes, afterDeadline) !== end) fail('the tally', state)

    const vetoers = panel.eligible.filter(
      ({ role }, voter) => digitOf(state, voter) === VETO && panel.policy.vetoRoles.includes(role),
    )
    if ((end === 'vetoed') !== vetoers.length > 0) fail('the veto', state)
    for (let voter = 0; voter < size; voter++) {
      if (end === 'approved' && ends[withDigit(state, voter, APPROVE)] !== end) fail('an approval', state)
      if (end === 'rejected' && ends[withDigit(state, voter, REJECT)] !== end) fail('a rejection', state)
      const next = panel.eligible[voter + 1]
      const one = panel.eligible[voter]
      if (one?.role === next?.role && one?.weightMilli === next?.weightMilli) {
        const [a, b] = [digitOf(state, voter), digitOf(state, voter + 1)]
        if (ends[withDigit(withDigit(state, voter, b), voter + 1, a)] !== end) fail('equal voters', state)
      }
    }
    if (end === 'approved' && !hasQuorum(panel, votes)) fail('the quorum', state)
    figures.states++
    if (end === 'vetoed') figures.vetoed++
    if (end === 'approved') figures.approved++
    if (mayClose && votes.length < size) figures.settledEarly++
  }

  function fail(what: string, state: number): never {
    const acts = panel.eligible.map((_, voter) => ACTS[digitOf(state, voter)])
    throw new Error(`${what} is wrong: ${JSON.stringify({ ...panel, acts, end: ends[state] })}`)
  }
}

/** Panels of `size` voters, each once up to the order of voters, over some kinds of voters. */
export function panelsOf(
  size: number,
  kinds: readonly Omit<Reviewer, 'agentId'>[],
  policies: readonly ReviewPolicy[],
): readonly Panel[] {
  const multisets = (length: number, from: number): readonly (readonly number[])[] =>
    length === 0
      ? [[]]
      : kinds.flatMap((_, kind) =>
          kind < from ? [] : multisets(length - 1, kind).map((rest) => [kind, ...rest]),
        )
  return multisets(size, 0).flatMap((chosen) => {
    const eligible = chosen.flatMap((kind, index) => {
      const one = kinds[kind]
      return one === undefined ? [] : [{ ...one, agentId: `agent-${index}` }]
    })
    return policies.map((policy) => ({ eligible, policy }))
  })
}

/** How the round ends where nobody votes any more until the deadline. */
function endOf({ eligible, policy }: Panel, votes: readonly CastVote[]): string {
  const byId = new Map(eligible.map((one) => [one.agentId, one]))
  const ballots: readonly Ballot[] = votes.flatMap((vote) => {
    const reviewer = byId.get(vote.agentId)
    return reviewer === undefined ? [] : [{ reviewer, vote }]
  })
  const eligibleMilli = eligible.reduce((sum, one) => sum + one.weightMilli, 0)
  const decision = decideReview(sumUp(ballots, eligibleMilli), vetoersOf(ballots, policy), policy)
  if (decision.kind !== 'no-consensus') return decision.kind
  return decision.reason === 'quorum-missing' ? 'deadline' : decision.reason
}

function earlyEnd(panel: Panel, votes: readonly CastVote[]): string {
  return tallied(panel, votes, openedAt)
}

function tallied({ eligible, policy }: Panel, votes: readonly CastVote[], now: Date): string {
  const outcome = tallyVotes({ votes, policy, eligible, now, deadlineAt })
  return outcome.kind === 'no-consensus' ? outcome.reason : outcome.kind
}

function hasQuorum({ eligible, policy }: Panel, votes: readonly CastVote[]): boolean {
  const voted = new Set(votes.map((one) => one.agentId))
  let [answered, all] = [0n, 0n]
  for (const { agentId, weightMilli } of eligible) {
    all += BigInt(weightMilli)
    if (voted.has(agentId)) answered += BigInt(weightMilli)
  }
  return answered * BigInt(policy.quorum.denominator) >= all * BigInt(policy.quorum.numerator)
}

function voteOf(agentId: string, digit: number): readonly CastVote[] {
  const act = ACTS[digit] ?? 'silent'
  if (act === 'silent') return []
  const decision = act === 'veto' ? 'reject' : act
  const findings = act === 'veto' ? [{ severity: 'critical' as const, message: 'wrong' }] : []
  return [{ agentId, decision, findings, rationale: 'because', confidence: 1, castAt: openedAt }]
}
