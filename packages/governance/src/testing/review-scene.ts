import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { EscalationStore } from '../escalation/index.ts'
import {
  type NewReview,
  PeerReviewStore,
  type PeerReviewStoreOptions,
  type ReviewVote,
  type VoteReceipt,
} from '../review/index.ts'
import type { OpenedGovernance } from './opened-governance.ts'

/** A vote for the content. */
export const approval: ReviewVote = {
  decision: 'approve',
  findings: [],
  rationale: 'sound',
  confidence: 0.9,
}

/** A vote against it. */
export const rejection: ReviewVote = {
  decision: 'reject',
  findings: [{ severity: 'major', message: 'reads one too many', location: 'src/read.ts:7' }],
  rationale: 'off by one',
  confidence: 0.7,
}

/** A vote against it that is a veto where its voter's role may veto. */
export const criticalRejection: ReviewVote = {
  ...rejection,
  findings: [
    { severity: 'minor', message: 'no newline' },
    { severity: 'critical', message: 'runs any input' },
  ],
}

/** A store that writes events, audit entries and escalations, as in another process. */
export function newReviewStore(
  database: SqlDatabase,
  more: Partial<PeerReviewStoreOptions> = {},
): PeerReviewStore {
  return new PeerReviewStore({
    database,
    outbox: new SqlEventOutbox(),
    audit: new SqlAuditLog(),
    escalations: new EscalationStore({ database }),
    ...more,
  })
}

/** A store of reviews with all that it writes to, and ways to look at what it wrote. */
export class ReviewScene {
  readonly opened: OpenedGovernance
  readonly metrics: RecordingMetrics = new RecordingMetrics()
  readonly store: PeerReviewStore
  #next = 0

  private constructor(opened: OpenedGovernance) {
    this.opened = opened
    this.store = this.newStore()
  }

  static async open(open: () => Promise<OpenedGovernance>): Promise<ReviewScene> {
    return new ReviewScene(await open())
  }

  /** Another store on the same database, as in another process. */
  newStore(more: Partial<PeerReviewStoreOptions> = {}): PeerReviewStore {
    return newReviewStore(this.opened.database, { metrics: this.metrics, ...more })
  }

  /** A round by three reviewers of equal weight, the role security among them. */
  newReview(more: Partial<NewReview> = {}): NewReview {
    return {
      tenantId: 'acme',
      subjectId: `task-${this.#next++}`,
      round: 1,
      contentHash: 'hash-1',
      authorId: 'developer-1',
      reviewers: [
        { agentId: 'tester-1', role: 'tester', weightMilli: 1000 },
        { agentId: 'reviewer-1', role: 'reviewer', weightMilli: 1000 },
        { agentId: 'security-1', role: 'security', weightMilli: 1000 },
      ],
      ...more,
    }
  }

  async opens(more: Partial<NewReview> = {}): Promise<NewReview> {
    const review = this.newReview(more)
    await this.store.open(review)
    return review
  }

  cast(review: NewReview, agentId: string, vote: ReviewVote): Promise<VoteReceipt> {
    return this.store.vote({ ...review, agentId, vote })
  }

  /** Makes the round and its votes two hours older, so that its deadline of an hour has passed. */
  async age(review: NewReview): Promise<void> {
    const key = [review.tenantId, review.subjectId, review.round]
    const where = 'WHERE tenant_id = $1 AND subject_id = $2 AND round = $3::int'
    const { database } = this.opened
    await database.query(
      `UPDATE peer_reviews SET opened_at = opened_at - interval '2 hours', deadline_at = deadline_at - interval '2 hours' ${where}`,
      key,
    )
    await database.query(`UPDATE peer_review_votes SET cast_at = cast_at - interval '2 hours' ${where}`, key)
  }

  async eventsOf(review: NewReview): Promise<readonly string[]> {
    const result = await this.opened.database.query<{ event_type: string }>(
      'SELECT event_type FROM outbox WHERE tenant_id = $1 AND subject = $2 ORDER BY position',
      [review.tenantId, review.subjectId],
    )
    return result.rows.map((row) => row.event_type)
  }

  async actionsOn(review: NewReview): Promise<readonly string[]> {
    const result = await this.opened.database.query<{ action: string; outcome: string }>(
      'SELECT action, outcome FROM audit_log WHERE tenant_id = $1 AND resource = $2 ORDER BY entry_id',
      [review.tenantId, `review/${review.subjectId}/${review.round}`],
    )
    return result.rows.map(({ action, outcome }) => (outcome === 'allowed' ? action : `${action} ${outcome}`))
  }

  async escalationsOf(review: NewReview): Promise<readonly string[]> {
    const result = await this.opened.database.query<{ reason: string }>(
      'SELECT reason FROM escalations WHERE tenant_id = $1 AND subject_id = $2 ORDER BY position',
      [review.tenantId, review.subjectId],
    )
    return result.rows.map((row) => row.reason)
  }
}
