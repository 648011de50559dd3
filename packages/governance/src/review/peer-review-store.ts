import { isDeepStrictEqual } from 'node:util'
import type { AuditLog } from '@golden-arch/core/audit'
import { requireInteger, requireText } from '@golden-arch/core/errors'
import { createEvent, type EventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import { ReviewError, type ReviewErrorCode } from './review-error.ts'
import { worstSeverity } from './review-finding.ts'
import { DEFAULT_REVIEW_POLICY, requireReviewers, requireReviewPolicy } from './review-policy.ts'
import type { NewReview, ReviewKey, ReviewRound } from './review-round.ts'
import { databaseNow, insertReview, selectReview, updateOutcome, upsertVote } from './review-rows.ts'
import { type ReviewVote, requireReviewVote } from './review-vote.ts'
import { tallyVotes } from './tally-votes.ts'

/** What a {@link PeerReviewStore} is made of. */
export interface PeerReviewStoreOptions {
  /** A database with the migration module `governance`. */
  readonly database: SqlDatabase
  /** Where `review.opened` and `review.closed` go. Default: nowhere. */
  readonly outbox?: EventOutbox
  /** Where votes and closings are recorded. Default: nowhere. */
  readonly audit?: AuditLog
}

/** A vote to record. */
export interface VoteCommand extends ReviewKey {
  readonly agentId: string
  /** Hash of the content that the agent looked at. */
  readonly contentHash: string
  readonly vote: ReviewVote
}

/** What recording a vote did: a new vote, one in place of the agent's other vote, or nothing as it was there already. */
export type VoteReceipt = 'recorded' | 'replaced' | 'unchanged'

const SOURCE = 'governance'

/** Rounds of peer review: opened for one content, voted on, and closed with an outcome that explains itself. */
export class PeerReviewStore {
  readonly #database: SqlDatabase
  readonly #outbox: EventOutbox | undefined
  readonly #audit: AuditLog | undefined

  constructor(options: PeerReviewStoreOptions) {
    this.#database = options.database
    this.#outbox = options.outbox
    this.#audit = options.audit
  }

  /**
   * Opens a round, or gives the one that was opened with the same facts.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad option; ReviewError `REVIEW_CONFLICT` where the round has other
   * facts, `REVIEW_AUTHOR_MAY_NOT_VOTE` where the author is among the reviewers; StorageError by code.
   */
  async open(review: NewReview): Promise<ReviewRound> {
    const checked = requireNewReview(review)
    return this.#database.transaction(async (tx) => {
      const isNew = await insertReview(tx, checked)
      const round = await selectReview(tx, checked)
      const { contentHash, authorId, reviewers, policy } = round
      if (!isNew && !isDeepStrictEqual({ contentHash, authorId, reviewers, policy }, factsOf(checked))) {
        throw refusal('REVIEW_CONFLICT', 'the round was opened with other facts', checked)
      }
      if (isNew) await this.#emit(tx, 'review.opened', round, round.openedAt, { contentHash, authorId })
      return round
    })
  }

  /**
   * Records an agent's vote. Until the round closes another vote of the agent takes its place.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad vote; ReviewError `REVIEW_NOT_FOUND`, `REVIEW_CONTENT_CHANGED`
   * where the agent looked at another content, `REVIEW_AUTHOR_MAY_NOT_VOTE`, `REVIEW_NOT_ELIGIBLE`, `REVIEW_CLOSED` where
   * the round is closed and does not hold this very vote; StorageError by code.
   */
  async vote(command: VoteCommand): Promise<VoteReceipt> {
    const vote = requireReviewVote(command.vote)
    const { agentId } = command
    return this.#database.transaction(async (tx) => {
      const round = await selectReview(tx, command, true)
      if (agentId === round.authorId) throw authorMayNotVote(command, agentId)
      if (!round.reviewers.some((one) => one.agentId === agentId)) {
        throw refusal('REVIEW_NOT_ELIGIBLE', `agent ${agentId} is no reviewer of this round`, command, {
          agentId,
        })
      }
      if (command.contentHash !== round.contentHash) {
        throw refusal('REVIEW_CONTENT_CHANGED', 'the vote is on another content', command, { agentId })
      }
      const earlier = round.votes.find((one) => one.agentId === agentId)
      if (earlier !== undefined && isSameVote(earlier, vote)) return 'unchanged'
      if (round.status === 'closed')
        throw refusal('REVIEW_CLOSED', 'the round is closed', command, { agentId })
      await upsertVote(tx, command, agentId, vote)
      await this.#audit?.append(tx, {
        tenantId: round.tenantId,
        actor: { id: agentId, kind: 'agent' },
        action: 'review.vote',
        resource: resourceOf(round),
        outcome: 'allowed',
        details: {
          decision: vote.decision,
          severity: worstSeverity(vote.findings),
          contentHash: round.contentHash,
        },
      })
      return earlier === undefined ? 'recorded' : 'replaced'
    })
  }

  /**
   * Closes the round with the outcome of its votes by the database's clock; a closed round stays as it is.
   * @throws ReviewError `REVIEW_NOT_FOUND`; StorageError by code.
   */
  async close(key: ReviewKey): Promise<Extract<ReviewRound, { status: 'closed' }>> {
    return this.#database.transaction(async (tx) => {
      const round = await selectReview(tx, key, true)
      if (round.status === 'closed') return round
      const { votes, policy, reviewers: eligible } = round
      const now = notBefore(await databaseNow(tx), round)
      const outcome = tallyVotes({ votes, policy, eligible, now })
      await updateOutcome(tx, key, outcome)
      const { kind, explanation, decidedAt } = outcome
      await this.#audit?.append(tx, {
        tenantId: round.tenantId,
        actor: { id: SOURCE, kind: 'service' },
        action: 'review.close',
        resource: resourceOf(round),
        outcome: 'allowed',
        details: { kind, explanation, contentHash: round.contentHash },
      })
      const { contentHash } = round
      await this.#emit(tx, 'review.closed', round, decidedAt, { contentHash, kind, explanation })
      return { ...round, status: 'closed', closedAt: decidedAt, outcome }
    })
  }

  /** The round with its votes, and its outcome once closed. @throws ReviewError `REVIEW_NOT_FOUND`; StorageError by code. */
  async get(key: ReviewKey): Promise<ReviewRound> {
    return selectReview(this.#database, key)
  }

  async #emit(tx: SqlTransaction, type: string, round: ReviewRound, at: Date, data: object): Promise<void> {
    const { tenantId, subjectId } = round
    const event = {
      source: SOURCE,
      type,
      tenantId,
      subject: subjectId,
      data: { round: round.round, ...data },
    }
    await this.#outbox?.append(tx, [createEvent(event, at)])
  }
}

type CheckedReview = Required<NewReview>

function requireNewReview(review: NewReview): CheckedReview {
  const authorId = requireText('authorId', review.authorId, 128)
  const reviewers = requireReviewers(review.reviewers)
  if (reviewers.some((one) => one.agentId === authorId)) throw authorMayNotVote(review, authorId)
  return {
    tenantId: requireText('tenantId', review.tenantId, 128),
    subjectId: requireText('subjectId', review.subjectId, 256),
    round: requireInteger('round', review.round, { min: 1, max: 2 ** 31 - 1 }),
    contentHash: requireText('contentHash', review.contentHash, 128),
    authorId,
    reviewers,
    policy: requireReviewPolicy(review.policy ?? DEFAULT_REVIEW_POLICY),
  }
}

function factsOf(review: CheckedReview): object {
  const { contentHash, authorId, reviewers, policy } = review
  return { contentHash, authorId, reviewers, policy }
}

/** Every vote of the locked round came before its close, even if the database's clock was set back meanwhile. */
function notBefore(now: Date, round: ReviewRound): Date {
  return new Date(Math.max(now.getTime(), ...round.votes.map((one) => one.castAt.getTime())))
}

function isSameVote(a: ReviewVote, b: ReviewVote): boolean {
  return (
    a.decision === b.decision &&
    a.rationale === b.rationale &&
    a.confidence === b.confidence &&
    isDeepStrictEqual(a.findings, b.findings)
  )
}

function resourceOf(key: ReviewKey): string {
  return `review/${key.subjectId}/${key.round}`
}

function authorMayNotVote(key: ReviewKey, agentId: string): ReviewError {
  return refusal('REVIEW_AUTHOR_MAY_NOT_VOTE', `agent ${agentId} made this content`, key, { agentId })
}

function refusal(code: ReviewErrorCode, message: string, key: ReviewKey, more: object = {}): ReviewError {
  const { tenantId, subjectId, round } = key
  return new ReviewError({ code, message, details: { tenantId, subjectId, round, ...more } })
}
