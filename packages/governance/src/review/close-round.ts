import type { SqlTransaction } from '@golden-arch/core/storage'
import type { ReviewEscalations } from './ports/review-escalations.ts'
import type { ReviewOutcome } from './review-outcome.ts'
import type { ClosedRound, OpenRound } from './review-round.ts'
import { updateOutcome } from './review-rows.ts'
import type { ReviewTrail } from './review-trail.ts'
import { tallyVotes } from './tally-votes.ts'

/** Why a round closes: it was asked to, its votes settled it, or its deadline passed. */
export type CloseCause = 'asked' | 'settled' | 'deadline'

/** What a closing writes to, all in one transaction. */
export interface ClosingPorts {
  readonly trail: ReviewTrail
  readonly escalations: ReviewEscalations | undefined
}

/**
 * Closes a locked round with the outcome of its votes, the event, the audit entry, and the escalation where the agents
 * could not settle it.
 * @throws StorageError by code.
 */
export async function closeRound(
  tx: SqlTransaction,
  round: OpenRound,
  closing: { readonly now: Date; readonly cause: CloseCause },
  { trail, escalations }: ClosingPorts,
): Promise<ClosedRound> {
  const { cause } = closing
  const { policy, reviewers: eligible, deadlineAt } = round
  const votes = [...round.votes, ...round.lateVotes]
  const now = notBefore(closing.now, round)
  const outcome = tallyVotes({ votes, policy, eligible, now, deadlineAt })
  await updateOutcome(tx, round, outcome)
  const { kind, explanation } = outcome
  await trail.record(tx, 'review.close', round, { kind, explanation, cause })
  await trail.emit(tx, 'review.closed', round, now, { kind, explanation, cause })
  const reason = unsettledBy(outcome)
  if (reason !== undefined) {
    await escalations?.report(
      {
        tenantId: round.tenantId,
        subject: { kind: 'review', id: round.subjectId },
        reason: `${reason}-round-${round.round}`,
        severity: 'warning',
        evidence: { round: round.round, contentHash: round.contentHash, kind, explanation },
        isOnce: true,
        ...(round.projectId === null ? {} : { projectId: round.projectId }),
      },
      { tx },
    )
  }
  return { ...round, status: 'closed', closedAt: now, outcome, override: null }
}

function unsettledBy(outcome: ReviewOutcome): string | undefined {
  if (outcome.kind === 'no-consensus') return outcome.reason
  return outcome.kind === 'vetoed' ? outcome.kind : undefined
}

/** Every vote of the locked round came before its close, even if the database's clock was set back meanwhile. */
function notBefore(now: Date, round: OpenRound): Date {
  const instants = [...round.votes, ...round.lateVotes].map((one) => one.castAt.getTime())
  return new Date(Math.max(now.getTime(), round.openedAt.getTime(), ...instants))
}
