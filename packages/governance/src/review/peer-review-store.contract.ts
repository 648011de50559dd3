import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { PeerReviewStore } from './peer-review-store.ts'
import { DEFAULT_REVIEW_POLICY } from './review-policy.ts'
import type { NewReview } from './review-round.ts'
import type { ReviewVote } from './review-vote.ts'

const approval: ReviewVote = { decision: 'approve', findings: [], rationale: 'sound', confidence: 0.9 }
const rejection: ReviewVote = {
  decision: 'reject',
  findings: [{ severity: 'major', message: 'reads one too many', location: 'src/read.ts:7' }],
  rationale: 'off by one',
  confidence: 0.7,
}

/** What rounds of review do on any SqlDatabase. Registers its tests. */
export function peerReviewContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`peer reviews on ${title}`, () => {
    let opened: OpenedGovernance
    let store: PeerReviewStore
    let next = 0

    const newReview = (more: Partial<NewReview> = {}): NewReview => ({
      tenantId: 'acme',
      subjectId: `task-${next++}`,
      round: 1,
      contentHash: 'hash-1',
      authorId: 'developer-1',
      reviewers: [
        { agentId: 'tester-1', role: 'tester', weightMilli: 1000 },
        { agentId: 'reviewer-1', role: 'reviewer', weightMilli: 1000 },
        { agentId: 'security-1', role: 'security', weightMilli: 1000 },
      ],
      ...more,
    })
    const cast = (
      review: NewReview,
      agentId: string,
      vote: ReviewVote,
    ): ReturnType<PeerReviewStore['vote']> => store.vote({ ...review, agentId, vote })
    const eventsOf = async (review: NewReview): Promise<readonly string[]> => {
      const result = await opened.database.query<{ event_type: string }>(
        'SELECT event_type FROM outbox WHERE tenant_id = $1 AND subject = $2 ORDER BY position',
        [review.tenantId, review.subjectId],
      )
      return result.rows.map((row) => row.event_type)
    }
    const actionsOn = async (review: NewReview): Promise<readonly string[]> => {
      const result = await opened.database.query<{ action: string }>(
        'SELECT action FROM audit_log WHERE tenant_id = $1 AND resource = $2 ORDER BY entry_id',
        [review.tenantId, `review/${review.subjectId}/${review.round}`],
      )
      return result.rows.map((row) => row.action)
    }

    beforeAll(async () => {
      opened = await open()
      store = new PeerReviewStore({
        database: opened.database,
        outbox: new SqlEventOutbox(),
        audit: new SqlAuditLog(),
      })
    })

    afterAll(() => opened.close())

    it('opens, takes votes, closes with an explained outcome, and gives it back as it was', async () => {
      const review = newReview()
      expect(await store.open(review)).toMatchObject({ status: 'open', votes: [] })
      expect(await cast(review, 'tester-1', approval)).toBe('recorded')
      expect(await cast(review, 'reviewer-1', approval)).toBe('recorded')
      expect(await cast(review, 'security-1', rejection)).toBe('recorded')
      const closed = await store.close(review)
      expect(closed.outcome).toMatchObject({ kind: 'approved', approveMilli: 2000, rejectMilli: 1000 })
      expect(closed.outcome.explanation).toContain('2 of 3 decisive weight approves')
      expect(await store.get(review)).toEqual(closed)
      expect(await eventsOf(review)).toEqual(['review.opened', 'review.closed'])
      expect(await actionsOn(review)).toEqual(['review.vote', 'review.vote', 'review.vote', 'review.close'])
    })

    it('opened again with the same facts is the same round, and with others a conflict', async () => {
      const review = newReview()
      const first = await store.open(review)
      expect(await store.open({ ...review, reviewers: [...review.reviewers].reverse() })).toEqual(first)
      const policy = { ...DEFAULT_REVIEW_POLICY, vetoRoles: ['security', 'security'] as const }
      expect(await store.open({ ...review, policy })).toEqual(first)
      expect(await eventsOf(review)).toEqual(['review.opened'])
      await expect(store.open({ ...review, contentHash: 'hash-2' })).rejects.toMatchObject({
        code: 'REVIEW_CONFLICT',
      })
    })

    it('keeps one vote of an agent: the same changes nothing, another takes its place', async () => {
      const review = newReview()
      await store.open(review)
      expect(await cast(review, 'tester-1', approval)).toBe('recorded')
      expect(await cast(review, 'tester-1', { ...approval })).toBe('unchanged')
      expect(await cast(review, 'tester-1', rejection)).toBe('replaced')
      const { votes } = await store.get(review)
      expect(votes).toMatchObject([{ agentId: 'tester-1', ...rejection }])
    })

    it('refuses the author, as a reviewer and as a voter', async () => {
      const code = 'REVIEW_AUTHOR_MAY_NOT_VOTE'
      const review = newReview()
      const withAuthor = { ...review, authorId: 'tester-1' }
      await expect(store.open(withAuthor)).rejects.toMatchObject({ code })
      await store.open(review)
      await expect(cast(review, 'developer-1', approval)).rejects.toMatchObject({ code })
    })

    it('refuses strangers, votes on another content, bad votes, and rounds that are not there', async () => {
      const review = newReview()
      await expect(cast(review, 'tester-1', approval)).rejects.toMatchObject({ code: 'REVIEW_NOT_FOUND' })
      await expect(store.close(review)).rejects.toMatchObject({ code: 'REVIEW_NOT_FOUND' })
      await store.open(review)
      await expect(cast(review, 'architect-9', approval)).rejects.toMatchObject({
        code: 'REVIEW_NOT_ELIGIBLE',
      })
      await expect(cast({ ...review, contentHash: 'hash-0' }, 'tester-1', approval)).rejects.toMatchObject({
        code: 'REVIEW_CONTENT_CHANGED',
      })
      const badVotes: readonly Partial<ReviewVote>[] = [
        { confidence: 1.5 },
        { rationale: '' },
        { rationale: 'a\0b' },
        { rationale: '\ud800' },
        // The cast lets in what a caller without types may pass.
        { findings: [{ severity: 'none', message: 'x' } as never] },
        { findings: [{ severity: 'minor', message: 'a\0b' }] },
        { findings: [{ severity: 'minor', message: 'x'.repeat(2001) }] },
        { findings: [{ severity: 'minor', message: 'x', location: '' }] },
        { findings: Array.from({ length: 51 }, () => ({ severity: 'minor', message: 'x' }) as const) },
      ]
      for (const bad of badVotes) {
        await expect(cast(review, 'tester-1', { ...approval, ...bad })).rejects.toMatchObject({
          code: 'INVALID_OPTION',
        })
      }
      expect((await store.get(review)).votes).toEqual([])
    })

    it('does not show a round to another tenant', async () => {
      const review = newReview()
      await store.open(review)
      await expect(store.get({ ...review, tenantId: 'other' })).rejects.toMatchObject({
        code: 'REVIEW_NOT_FOUND',
      })
    })

    it('closed, stays as it is: closing again gives the same, a vote is refused unless it is there', async () => {
      const review = newReview()
      await store.open(review)
      await cast(review, 'tester-1', approval)
      const closed = await store.close(review)
      expect(closed.outcome).toMatchObject({ kind: 'no-consensus', reason: 'quorum-missing' })
      expect(await cast(review, 'tester-1', approval)).toBe('unchanged')
      await expect(cast(review, 'tester-1', rejection)).rejects.toMatchObject({ code: 'REVIEW_CLOSED' })
      await expect(cast(review, 'reviewer-1', approval)).rejects.toMatchObject({ code: 'REVIEW_CLOSED' })
      expect(await store.close(review)).toEqual(closed)
      expect(await eventsOf(review)).toEqual(['review.opened', 'review.closed'])
    })

    it('closed and voted on by many at once has one outcome, of exactly the votes it holds', async () => {
      const review = newReview()
      await store.open(review)
      const votes = ['tester-1', 'reviewer-1', 'security-1'].map((agentId) => cast(review, agentId, approval))
      const closings = [1, 2, 3, 4].map(() => store.close(review))
      const results = await Promise.allSettled(votes)
      const [first, ...others] = await Promise.all(closings)
      for (const other of others) expect(other).toEqual(first)
      const recorded = results.filter((one) => one.status === 'fulfilled').length
      const round = await store.get(review)
      expect(round.votes).toHaveLength(recorded)
      expect(first?.outcome.approveMilli).toBe(recorded * 1000)
      expect(await eventsOf(review)).toEqual(['review.opened', 'review.closed'])
    })

    it('counts votes that a clock set back makes look later than the close', async () => {
      const review = newReview()
      await store.open(review)
      await cast(review, 'tester-1', approval)
      await cast(review, 'reviewer-1', approval)
      await opened.database.query(
        "UPDATE peer_review_votes SET cast_at = cast_at + interval '1 hour' WHERE tenant_id = $1 AND subject_id = $2",
        [review.tenantId, review.subjectId],
      )
      expect((await store.close(review)).outcome).toMatchObject({ kind: 'approved', late: [] })
    })

    it('whose event cannot be written is neither opened nor closed', async () => {
      const failing = new PeerReviewStore({
        database: opened.database,
        outbox: { append: () => Promise.reject(new Error('no outbox')) },
      })
      const review = newReview()
      await expect(failing.open(review)).rejects.toThrow('no outbox')
      await expect(store.get(review)).rejects.toMatchObject({ code: 'REVIEW_NOT_FOUND' })
      await store.open(review)
      await expect(failing.close(review)).rejects.toThrow('no outbox')
      expect(await store.get(review)).toMatchObject({ status: 'open' })
    })
  })
}
