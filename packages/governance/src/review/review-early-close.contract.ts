import { expect, it } from 'vitest'
import { approval, criticalRejection, type ReviewScene, rejection } from '../testing/review-scene.ts'
import type { Reviewer } from './review-policy.ts'

/** Of whom two may approve without the third. */
const reviewers: readonly Reviewer[] = [
  { agentId: 'tester-1', role: 'tester', weightMilli: 1000 },
  { agentId: 'reviewer-1', role: 'reviewer', weightMilli: 1000 },
  { agentId: 'architect-1', role: 'architect', weightMilli: 1000 },
]

/** What closing a round early does on any SqlDatabase. Registers its tests. */
export function reviewEarlyCloseContract(scene: () => ReviewScene): void {
  it('closes with the vote that settles it, with its event and entry, and keeps what comes then as late', async () => {
    const review = await scene().opens({ reviewers, closesEarly: true })
    expect(await scene().cast(review, 'tester-1', approval)).toBe('recorded')
    expect(await scene().store.get(review)).toMatchObject({ status: 'open' })
    expect(await scene().cast(review, 'reviewer-1', approval)).toBe('recorded')
    const closed = await scene().store.get(review)
    expect(closed).toMatchObject({ status: 'closed', outcome: { kind: 'approved', late: [] } })
    expect(await scene().cast(review, 'architect-1', rejection)).toBe('late')
    expect(await scene().cast(review, 'tester-1', rejection)).toBe('late')
    expect(await scene().store.closeRound(review)).toMatchObject({
      outcome: { kind: 'approved', rejectMilli: 0 },
    })
    expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed'])
    expect(await scene().actionsOn(review)).toEqual([
      'review.vote',
      'review.vote',
      'review.close',
      'review.vote',
      'review.vote',
    ])
  })

  it('waits for everybody where it was not asked to close early', async () => {
    const review = await scene().opens({ reviewers })
    for (const { agentId } of reviewers) await scene().cast(review, agentId, approval)
    expect(await scene().store.get(review)).toMatchObject({ status: 'open' })
  })

  it('waits for a role with a veto, whatever the others say', async () => {
    const review = await scene().opens({ closesEarly: true })
    await scene().cast(review, 'tester-1', approval)
    await scene().cast(review, 'reviewer-1', approval)
    expect(await scene().store.get(review)).toMatchObject({ status: 'open' })
    await scene().cast(review, 'security-1', criticalRejection)
    expect(await scene().store.get(review)).toMatchObject({
      outcome: { kind: 'vetoed', vetoedBy: ['security-1'] },
    })
    expect(await scene().escalationsOf(review)).toEqual(['vetoed-round-1'])
  })

  it('closes with a vote in place of another, if that settles it', async () => {
    const review = await scene().opens({ reviewers, closesEarly: true })
    await scene().cast(review, 'tester-1', approval)
    await scene().cast(review, 'reviewer-1', rejection)
    expect(await scene().cast(review, 'tester-1', rejection)).toBe('replaced')
    expect(await scene().store.get(review)).toMatchObject({
      outcome: { kind: 'rejected', rejectMilli: 2000 },
    })
  })

  it('loses the vote too, if the closing that it leads to cannot be written', async () => {
    const failing = scene().newStore({
      escalations: { report: () => Promise.reject(new Error('no escalation')) },
    })
    const review = await scene().opens({ closesEarly: true })
    const veto = { ...review, agentId: 'security-1', vote: criticalRejection }
    await expect(failing.vote(veto)).rejects.toThrow('no escalation')
    expect(await scene().store.get(review)).toMatchObject({ status: 'open', votes: [] })
    expect(await scene().actionsOn(review)).toEqual([])
    expect(await scene().store.vote(veto)).toBe('recorded')
    expect(await scene().store.get(review)).toMatchObject({ status: 'closed' })
  })

  it('settled by all at once, with closers and sweepers beside them, has one outcome and one event', async () => {
    for (let round = 1; round <= 3; round++) {
      const review = await scene().opens({ reviewers, closesEarly: true, round })
      const casts = reviewers.map((one) => scene().cast(review, one.agentId, approval))
      const closings = [1, 2].map(() => scene().store.closeRound(review))
      const [outcomes, receipts] = await Promise.all([
        Promise.all(closings),
        Promise.all(casts),
        Promise.all([1, 2].map(() => scene().store.closeDue())),
      ])
      const closed = await scene().store.closeRound(review)
      for (const one of outcomes) expect(one.outcome).toEqual(closed.outcome)
      expect(closed.outcome.approveMilli).toBe(closed.votes.length * 1000)
      expect(receipts.filter((one) => one === 'recorded')).toHaveLength(closed.votes.length)
      expect(receipts.filter((one) => one === 'late')).toHaveLength(closed.lateVotes.length)
      expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed'])
      const closes = (await scene().actionsOn(review)).filter((one) => one === 'review.close')
      expect(closes).toHaveLength(1)
      const escalated = closed.outcome.kind === 'approved' ? 0 : 1
      expect(await scene().escalationsOf(review)).toHaveLength(escalated)
    }
  })
}
