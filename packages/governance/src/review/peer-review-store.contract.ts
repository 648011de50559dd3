import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { approval, type ReviewScene, rejection } from '../testing/review-scene.ts'
import { DEFAULT_REVIEW_POLICY } from './review-policy.ts'
import type { ReviewVote } from './review-vote.ts'

/** What rounds of review do on any SqlDatabase. Registers its tests. */
export function peerReviewContract(scene: () => ReviewScene): void {
  it('opens, takes votes, closes with an explained outcome, and gives it back as it was', async () => {
    const review = scene().newReview()
    expect(await scene().store.open(review)).toMatchObject({ status: 'open', votes: [] })
    expect(await scene().cast(review, 'tester-1', approval)).toBe('recorded')
    expect(await scene().cast(review, 'reviewer-1', approval)).toBe('recorded')
    expect(await scene().cast(review, 'security-1', rejection)).toBe('recorded')
    const closed = await scene().store.closeRound(review)
    expect(closed.outcome).toMatchObject({ kind: 'approved', approveMilli: 2000, rejectMilli: 1000 })
    expect(closed.outcome.explanation).toContain('2 of 3 decisive weight approves')
    expect(await scene().store.get(review)).toEqual(closed)
    expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed'])
    expect(await scene().actionsOn(review)).toEqual([
      'review.vote',
      'review.vote',
      'review.vote',
      'review.close',
    ])
  })

  it('opened again with the same facts is the same round, and with others a conflict', async () => {
    const review = scene().newReview()
    const first = await scene().store.open(review)
    expect(await scene().store.open({ ...review, reviewers: [...review.reviewers].reverse() })).toEqual(first)
    const policy = { ...DEFAULT_REVIEW_POLICY, vetoRoles: ['security', 'security'] as const }
    expect(await scene().store.open({ ...review, policy })).toEqual(first)
    expect(await scene().eventsOf(review)).toEqual(['review.opened'])
    const others = [
      { contentHash: 'hash-2' },
      { deadlineAfterMs: 5000 },
      { closesEarly: true },
      { projectId: 'p-2' },
    ]
    for (const other of others) {
      await expect(scene().store.open({ ...review, ...other })).rejects.toMatchObject({
        code: 'REVIEW_CONFLICT',
      })
    }
  })

  it('keeps one vote of an agent: the same changes nothing, another takes its place', async () => {
    const review = scene().newReview()
    await scene().store.open(review)
    expect(await scene().cast(review, 'tester-1', approval)).toBe('recorded')
    expect(await scene().cast(review, 'tester-1', { ...approval })).toBe('unchanged')
    expect(await scene().cast(review, 'tester-1', rejection)).toBe('replaced')
    const { votes } = await scene().store.get(review)
    expect(votes).toMatchObject([{ agentId: 'tester-1', ...rejection }])
  })

  it('refuses the author, as a reviewer and as a voter', async () => {
    const code = 'REVIEW_AUTHOR_MAY_NOT_VOTE'
    const review = scene().newReview()
    const withAuthor = { ...review, authorId: 'tester-1' }
    await expect(scene().store.open(withAuthor)).rejects.toMatchObject({ code })
    await scene().store.open(review)
    await expect(scene().cast(review, 'developer-1', approval)).rejects.toMatchObject({ code })
  })

  it('refuses strangers, votes on another content, bad votes, and rounds that are not there', async () => {
    const review = scene().newReview()
    const missing = {
      code: 'REVIEW_NOT_FOUND',
      message: `no review of ${review.subjectId} in round ${review.round}`,
    }
    await expect(scene().cast(review, 'tester-1', approval)).rejects.toMatchObject(missing)
    await expect(scene().store.closeRound(review)).rejects.toMatchObject(missing)
    await scene().store.open(review)
    await expect(scene().cast(review, 'architect-9', approval)).rejects.toMatchObject({
      code: 'REVIEW_NOT_ELIGIBLE',
      message: expect.stringContaining('architect-9'),
    })
    await expect(
      scene().cast({ ...review, contentHash: 'hash-0' }, 'tester-1', approval),
    ).rejects.toMatchObject({
      code: 'REVIEW_CONTENT_CHANGED',
    })
    const badVotes: readonly (readonly [string, Partial<ReviewVote>])[] = [
      ['confidence', { confidence: 1.5 }],
      ['rationale', { rationale: '' }],
      ['rationale', { rationale: 'a\0b' }],
      ['rationale', { rationale: '\ud800' }],
      // The casts let in what a caller without types may pass.
      ['findings', { findings: ['none' as never] }],
      ['findings.severity', { findings: [{ severity: 'none', message: 'x' } as never] }],
      ['findings.message', { findings: [{ severity: 'minor', message: 'a\0b' }] }],
      ['findings.message', { findings: [{ severity: 'minor', message: 'x'.repeat(2001) }] }],
      ['findings.location', { findings: [{ severity: 'minor', message: 'x', location: '' }] }],
      [
        'findings',
        { findings: Array.from({ length: 51 }, () => ({ severity: 'minor', message: 'x' }) as const) },
      ],
    ]
    for (const [option, bad] of badVotes) {
      const cast = scene().cast(review, 'tester-1', { ...approval, ...bad })
      await expect(cast).rejects.toEqual(invalidOption(`vote.${option}`))
    }
    expect((await scene().store.get(review)).votes).toEqual([])
  })

  it('does not show a round to another tenant', async () => {
    const review = scene().newReview()
    await scene().store.open(review)
    await expect(scene().store.get({ ...review, tenantId: 'other' })).rejects.toMatchObject({
      code: 'REVIEW_NOT_FOUND',
    })
  })

  it('closed, stays as it is: closing again gives the same, and a vote is kept as late and counts for nothing', async () => {
    const review = await scene().opens()
    await scene().cast(review, 'tester-1', approval)
    const closed = await scene().store.closeRound(review)
    expect(closed.outcome).toMatchObject({ kind: 'no-consensus', reason: 'quorum-missing' })
    expect(await scene().cast(review, 'tester-1', approval)).toBe('unchanged')
    expect(await scene().store.closeRound(review)).toEqual(closed)
    expect(await scene().cast(review, 'tester-1', rejection)).toBe('late')
    expect(await scene().cast(review, 'tester-1', rejection)).toBe('unchanged')
    expect(await scene().cast(review, 'reviewer-1', approval)).toBe('late')
    const after = await scene().store.closeRound(review)
    expect(after).toMatchObject({
      ...closed,
      lateVotes: [{ agentId: 'reviewer-1' }, { agentId: 'tester-1' }],
    })
    expect(after.votes).toMatchObject([{ agentId: 'tester-1', decision: 'approve' }])
    expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed'])
  })

  it('closed and voted on by many at once has one outcome, of exactly the votes in time', async () => {
    const review = await scene().opens()
    const agents = ['tester-1', 'reviewer-1', 'security-1']
    const votes = agents.map((agentId) => scene().cast(review, agentId, approval))
    const closings = [1, 2, 3, 4].map(() => scene().store.closeRound(review))
    const receipts = await Promise.all(votes)
    const outcomes = (await Promise.all(closings)).map((one) => one.outcome)
    const round = await scene().store.get(review)
    expect(round.votes).toHaveLength(receipts.filter((one) => one === 'recorded').length)
    expect(round.lateVotes).toHaveLength(receipts.filter((one) => one === 'late').length)
    for (const outcome of outcomes) {
      expect(outcome).toEqual(outcomes[0])
      expect(outcome.approveMilli).toBe(round.votes.length * 1000)
    }
    expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed'])
  })

  it('counts votes that a clock set back makes look later than the close', async () => {
    const review = scene().newReview()
    await scene().store.open(review)
    await scene().cast(review, 'tester-1', approval)
    await scene().cast(review, 'reviewer-1', approval)
    await scene().opened.database.query(
      "UPDATE peer_review_votes SET cast_at = cast_at + interval '1 minute' WHERE tenant_id = $1 AND subject_id = $2",
      [review.tenantId, review.subjectId],
    )
    expect((await scene().store.closeRound(review)).outcome).toMatchObject({ kind: 'approved', late: [] })
  })

  it('whose event cannot be written is neither opened nor closed', async () => {
    const failing = scene().newStore({ outbox: { append: () => Promise.reject(new Error('no outbox')) } })
    const review = scene().newReview()
    await expect(failing.open(review)).rejects.toThrow('no outbox')
    await expect(scene().store.get(review)).rejects.toMatchObject({ code: 'REVIEW_NOT_FOUND' })
    await scene().store.open(review)
    await expect(failing.closeRound(review)).rejects.toThrow('no outbox')
    expect(await scene().store.get(review)).toMatchObject({ status: 'open' })
  })
}
