import { isDeepStrictEqual } from 'node:util'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { type ClosingPorts, closeRound } from './close-round.ts'
import { mayCloseEarly } from './may-close-early.ts'
import type { VoteCommand, VoteReceipt } from './review-commands.ts'
import { worstSeverity } from './review-finding.ts'
import { authorMayNotVote, reviewRefusal } from './review-refusals.ts'
import type { ClosedRound, OpenRound, ReviewRound } from './review-round.ts'
import { databaseNow } from './review-rows.ts'
import type { CastVote, ReviewVote } from './review-vote.ts'
import { upsertVote } from './vote-rows.ts'

/** What recording a vote did, and the round if the vote closed it. */
export interface RecordedVote {
  readonly receipt: VoteReceipt
  readonly closed?: ClosedRound
}

/**
 * Records a vote in a locked round, and closes the round if it closes early and this vote settles it.
 * @throws ReviewError as `PeerReviewStore.vote`; StorageError by code.
 */
export async function recordVote(
  tx: SqlTransaction,
  round: ReviewRound,
  command: VoteCommand,
  ports: ClosingPorts,
): Promise<RecordedVote> {
  requireVoter(round, command)
  const now = await databaseNow(tx)
  const vote: CastVote = { ...command.vote, agentId: command.agentId, castAt: now }
  const earlier = round.votes.find((one) => one.agentId === vote.agentId)
  const earlierLate = round.lateVotes.find((one) => one.agentId === vote.agentId)
  if (isSameVote(earlier, vote) || isSameVote(earlierLate, vote)) return { receipt: 'unchanged' }

  const isLate = round.status === 'closed' || now.getTime() > round.deadlineAt.getTime()
  await upsertVote(tx, round, vote, isLate)
  const severity = worstSeverity(vote.findings)
  const details = { decision: vote.decision, severity, findings: vote.findings.length, isLate }
  const { actor = { id: vote.agentId, kind: 'agent' } } = command
  await ports.trail.record(tx, 'review.vote', round, details, { actor })
  if (round.status === 'closed' || isLate) return { receipt: 'late' }

  const receipt = earlier === undefined ? 'recorded' : 'replaced'
  const voted = withVote(round, vote)
  const { votes, policy, reviewers: eligible } = voted
  if (!round.closesEarly || !mayCloseEarly({ votes, policy, eligible })) return { receipt }
  return { receipt, closed: await closeRound(tx, voted, { now, cause: 'settled' }, ports) }
}

function requireVoter(round: ReviewRound, command: VoteCommand): void {
  const { agentId } = command
  if (agentId === round.authorId) throw authorMayNotVote(command, agentId)
  const reviewer = round.reviewers.find((one) => one.agentId === agentId)
  if (reviewer === undefined) {
    const message = `${agentId} is no reviewer of this round`
    throw reviewRefusal('REVIEW_NOT_ELIGIBLE', message, command, { agentId })
  }
  const { kind = 'agent' } = reviewer
  if ((command.actor?.kind ?? 'agent') !== kind) {
    const code = kind === 'human' ? 'REVIEW_NEEDS_PERSON' : 'REVIEW_NOT_ELIGIBLE'
    const whose = kind === 'human' ? 'a person' : 'an agent'
    throw reviewRefusal(code, `the vote of ${agentId} is that of ${whose}`, command, { agentId })
  }
  if (command.contentHash !== round.contentHash) {
    throw reviewRefusal('REVIEW_CONTENT_CHANGED', 'the vote is on another content', command, { agentId })
  }
}

function withVote(round: OpenRound, vote: CastVote): OpenRound {
  const others = round.votes.filter((one) => one.agentId !== vote.agentId)
  const votes = [...others, vote].sort((a, b) => (a.agentId < b.agentId ? -1 : 1))
  return { ...round, votes }
}

function isSameVote(earlier: CastVote | undefined, vote: CastVote): boolean {
  return earlier !== undefined && isDeepStrictEqual(wordsOf(earlier), wordsOf(vote))
}

function wordsOf({ decision, findings, rationale, confidence }: CastVote): ReviewVote {
  return { decision, findings, rationale, confidence }
}
