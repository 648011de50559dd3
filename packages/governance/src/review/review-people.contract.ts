import type { Actor } from '@golden-arch/core/audit'
import { METRICS } from '@golden-arch/core/observability'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { approval, type ReviewScene } from '../testing/review-scene.ts'
import type { ReviewListOptions } from './review-list.ts'
import type { NewReview } from './review-round.ts'

const ada: Actor = { id: 'ada', kind: 'human' }
const refusal = (code: string, who: string): object => ({
  code,
  message: expect.stringContaining(who),
  details: { agentId: who },
})

/** What people read of rounds, and how they vote, on any SqlDatabase. Registers its tests. */
export function reviewPeopleContract(scene: () => ReviewScene): void {
  const withAda = (more: Partial<NewReview> = {}): Promise<NewReview> =>
    scene().opens({
      reviewers: [
        { agentId: 'ada', role: 'reviewer', weightMilli: 1000, kind: 'human' },
        { agentId: 'tester-1', role: 'tester', weightMilli: 1000 },
      ],
      ...more,
    })

  it('a person among the reviewers votes in her own name, which the audit log keeps', async () => {
    const review = await withAda()
    const before = scene().metrics.counterValue(METRICS.reviewVotes.name, { receipt: 'recorded' })
    const vote = { ...review, agentId: 'ada', vote: approval }
    expect(await scene().store.vote({ ...vote, actor: ada })).toBe('recorded')
    expect(scene().metrics.counterValue(METRICS.reviewVotes.name, { receipt: 'recorded' })).toBe(before + 1)
    expect(await scene().store.get(review)).toMatchObject({
      votes: [{ agentId: 'ada', decision: 'approve' }],
    })
    const { rows } = await scene().opened.database.query<{ actor: string; actor_kind: string }>(
      `SELECT actor, actor_kind FROM audit_log WHERE tenant_id = $1 AND action = 'review.vote' AND resource = $2`,
      [review.tenantId, `review/${review.subjectId}/1`],
    )
    expect(rows).toEqual([{ actor: 'ada', actor_kind: 'human' }])
    expect(await scene().store.open(review)).toMatchObject({ votes: [{ agentId: 'ada' }] })
  })

  it.each<[string, object, string, Actor | undefined]>([
    ['an agent for a person', refusal('REVIEW_NEEDS_PERSON', 'ada'), 'ada', undefined],
    ['a service for a person', refusal('REVIEW_NEEDS_PERSON', 'ada'), 'ada', { id: 'ada', kind: 'service' }],
    [
      'a person for an agent',
      refusal('REVIEW_NOT_ELIGIBLE', 'tester-1'),
      'tester-1',
      { id: 'tester-1', kind: 'human' },
    ],
    [
      'a person who is no reviewer',
      refusal('REVIEW_NOT_ELIGIBLE', 'bob'),
      'bob',
      { id: 'bob', kind: 'human' },
    ],
    [
      'somebody for another',
      { details: { option: 'actor.id', rule: 'as agentId, tester-1' } },
      'tester-1',
      ada,
    ],
  ])('%s does not vote', async (_who, refused, agentId, actor) => {
    const review = await withAda()
    const spoken = actor === undefined ? {} : { actor }
    const vote = { ...review, agentId, vote: approval, ...spoken }
    await expect(scene().store.vote(vote)).rejects.toMatchObject(refused)
    expect(await scene().store.get(review)).toMatchObject({ votes: [], lateVotes: [] })
  })

  it('rounds are listed page by page, the one opened last first, by what became of them and by subject', async () => {
    const tenantId = randomName('t')
    const open = await scene().opens({ tenantId, subjectId: 'task-open' })
    const first = await scene().opens({ tenantId, subjectId: 'task-7' })
    const second = await scene().opens({ tenantId, subjectId: 'task-7', round: 2 })
    await scene().cast(first, 'tester-1', approval)
    await scene().cast(first, 'security-1', approval)
    await scene().store.closeRound(first)
    await scene().store.closeRound(second)
    const all = async (more: Partial<ReviewListOptions> = {}): Promise<readonly string[]> => {
      const keys: string[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await scene().store.list({
          tenantId,
          limit: 1,
          ...more,
          ...(cursor === undefined ? {} : { cursor }),
        })
        keys.push(...page.items.map(({ subjectId, round }) => `${subjectId}/${round}`))
        cursor = page.nextCursor
      }
      return keys
    }
    expect(await all()).toEqual(['task-7/2', 'task-7/1', 'task-open/1'])
    expect(await all({ subjectId: 'task-7' })).toEqual(['task-7/2', 'task-7/1'])
    expect(await all({ status: 'open' })).toEqual(['task-open/1'])
    expect(await all({ status: 'approved' })).toEqual(['task-7/1'])
    expect(await all({ status: 'no-consensus' })).toEqual(['task-7/2'])
    expect(await all({ tenantId: randomName('t') })).toEqual([])
    const { items } = await scene().store.list({ tenantId })
    expect(items.slice(1)).toMatchObject([
      { reviewerCount: 3, voteCount: 2, outcome: 'approved', overriddenBy: null },
      { reviewerCount: 3, voteCount: 0, outcome: null, closedAt: null, contentHash: open.contentHash },
    ])
    const unknown = scene().store.list({ tenantId, status: 'maybe' as never })
    await expect(unknown).rejects.toEqual(invalidOption('status'))
  })

  it('a round that closed long ago is forgotten with its votes, where that is wanted; no other is', async () => {
    const tenantId = randomName('t')
    const old = await scene().opens({ tenantId, subjectId: 'old' })
    const young = await scene().opens({ tenantId, subjectId: 'young' })
    const open = await scene().opens({ tenantId, subjectId: 'open' })
    for (const review of [old, young, open]) await scene().cast(review, 'tester-1', approval)
    await scene().store.closeRound(old)
    await scene().store.closeRound(young)
    const past = (days: number, subjectId: string): Promise<unknown> =>
      scene().opened.database.query(
        `UPDATE peer_reviews SET opened_at = opened_at - make_interval(days => $3::int), deadline_at = deadline_at - make_interval(days => $3::int),
                closed_at = closed_at - make_interval(days => $3::int) WHERE tenant_id = $1 AND subject_id = $2`,
        [tenantId, subjectId, days],
      )
    await past(31, 'old')
    await past(29, 'young')
    await past(31, 'open')
    const retentionMs = 30 * 86_400_000
    expect(await scene().store.forgetClosed({ retentionMs, limit: 1 })).toBe(1)
    expect(await scene().store.forgetClosed({ retentionMs })).toBe(0)
    const { items } = await scene().store.list({ tenantId })
    expect(items.map(({ subjectId, voteCount }) => [subjectId, voteCount])).toEqual([
      ['open', 1],
      ['young', 1],
    ])
    await expect(scene().store.get(old)).rejects.toMatchObject({ code: 'REVIEW_NOT_FOUND' })
    await scene().store.closeRound(open)
    const tooSoon = scene().store.forgetClosed({ retentionMs: 1000 })
    await expect(tooSoon).rejects.toEqual(invalidOption('retentionMs'))
  })
}
