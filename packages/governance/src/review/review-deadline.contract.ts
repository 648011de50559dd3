import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { approval, criticalRejection, type ReviewScene, rejection } from '../testing/review-scene.ts'
import type { NewReview } from './review-round.ts'

/** What the deadline of a round does on any SqlDatabase. Registers its tests. */
export function reviewDeadlineContract(scene: () => ReviewScene): void {
  const overdue = async (votes: Readonly<Record<string, typeof approval>>): Promise<NewReview> => {
    const review = await scene().opens()
    for (const [agentId, vote] of Object.entries(votes)) await scene().cast(review, agentId, vote)
    await scene().age(review)
    return review
  }

  it('past its deadline with a quorum is decided by the votes in time, and a late one is kept beside them', async () => {
    const review = await overdue({ 'tester-1': approval, 'reviewer-1': approval })
    expect(await scene().cast(review, 'security-1', criticalRejection)).toBe('late')
    expect(await scene().cast(review, 'tester-1', rejection)).toBe('late')
    expect(await scene().cast(review, 'tester-1', { ...rejection, confidence: 1 })).toBe('late')
    await scene().store.closeDue()
    const round = await scene().store.get(review)
    expect(round).toMatchObject({
      status: 'closed',
      outcome: { kind: 'approved', approveMilli: 2000, rejectMilli: 0, late: ['security-1', 'tester-1'] },
      votes: [{ agentId: 'reviewer-1' }, { agentId: 'tester-1', decision: 'approve' }],
      lateVotes: [
        { agentId: 'security-1', decision: 'reject' },
        { agentId: 'tester-1', confidence: 1 },
      ],
    })
    expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed'])
    expect(await scene().escalationsOf(review)).toEqual([])
  })

  it.each([
    ['nobody', {}],
    ['one of three, though that one approved', { 'tester-1': approval }],
  ])('past its deadline with the answer of %s is no consensus, and escalated once', async (_name, votes) => {
    const review = await overdue(votes)
    await scene().store.closeDue()
    await scene().store.closeDue()
    const { outcome } = await scene().store.closeRound(review)
    expect(outcome).toMatchObject({ kind: 'no-consensus', reason: 'deadline' })
    expect(outcome.explanation).toContain('too few had answered at the deadline')
    expect(await scene().escalationsOf(review)).toEqual(['deadline-round-1'])
    expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed'])
    expect((await scene().actionsOn(review)).filter((one) => one === 'review.close')).toHaveLength(1)
  })

  it('closed by a caller after its deadline is decided no otherwise', async () => {
    const review = await overdue({ 'tester-1': approval, 'security-1': rejection })
    expect((await scene().store.closeRound(review)).outcome).toMatchObject({
      kind: 'no-consensus',
      reason: 'tie',
    })
  })

  it('is left alone before its deadline', async () => {
    const review = await scene().opens({ deadlineAfterMs: 604_800_000 })
    await scene().store.closeDue()
    expect(await scene().store.get(review)).toMatchObject({ status: 'open' })
  })

  it('of many tenants, is closed once though several sweep at the same time', async () => {
    const reviews: NewReview[] = []
    for (let index = 0; index < 12; index++) {
      const review = await scene().opens({ tenantId: `tenant-${index % 3}` })
      await scene().age(review)
      reviews.push(review)
    }
    // One that is locked by another is left to it; so whoever comes last has them all closed.
    const reports = await Promise.all([1, 2, 3, 4].map(() => scene().store.closeDue()))
    const last = await scene().store.closeDue()
    const closedCount = [...reports, last].reduce((sum, one) => sum + one.closedCount, 0)
    expect(closedCount).toBe(reviews.length)
    for (const review of reviews) {
      expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed'])
      expect(await scene().actionsOn(review)).toEqual(['review.close'])
      expect(await scene().escalationsOf(review)).toHaveLength(1)
    }
  })

  it('that cannot be closed does not hold up the others, stays open, and is told of', async () => {
    const poisoned = await overdue({})
    const review = await overdue({})
    const failing = scene().newStore({
      escalations: {
        report: async ({ subject }) => {
          if (subject.id === poisoned.subjectId) throw new Error('no room')
        },
      },
    })
    const { closedCount, failures } = await failing.closeDue()
    expect(closedCount).toBe(1)
    const { tenantId, subjectId, round } = poisoned
    expect(failures).toMatchObject([{ key: { tenantId, subjectId, round }, error: { message: 'no room' } }])
    expect(await scene().store.get(poisoned)).toMatchObject({ status: 'open' })
    expect(await scene().eventsOf(poisoned)).toEqual(['review.opened'])
    expect(await scene().store.get(review)).toMatchObject({ status: 'closed' })
    await scene().store.closeDue()
    expect(await scene().store.get(poisoned)).toMatchObject({ status: 'closed' })
  })

  it('is closed up to the limit in one turn, the longest overdue first, and not at all once the signal fired', async () => {
    const [first, second] = [await overdue({}), await overdue({})]
    await scene().age(first)
    expect(await scene().store.closeDue({ signal: AbortSignal.abort() })).toEqual({
      closedCount: 0,
      failures: [],
    })
    expect(await scene().store.closeDue({ limit: 1 })).toEqual({ closedCount: 1, failures: [] })
    expect(await scene().store.get(first)).toMatchObject({ status: 'closed' })
    expect(await scene().store.get(second)).toMatchObject({ status: 'open' })
    await expect(scene().store.closeDue({ limit: 0 })).rejects.toEqual(invalidOption('limit'))
    await scene().store.closeDue()
  })

  it('is timed once from its opening to its outcome', async () => {
    const name = 'peer_review_consensus_time_seconds'
    const before = scene().metrics.values(name, { outcome: 'no-consensus' }).length
    const review = await overdue({})
    await scene().store.closeDue()
    await scene().store.closeRound(review)
    const seconds = scene().metrics.values(name, { outcome: 'no-consensus' }).slice(before)
    expect(seconds).toHaveLength(1)
    expect(seconds[0]).toBeGreaterThanOrEqual(7200)
  })
}
