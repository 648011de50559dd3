import type { Actor } from '@golden-arch/core/audit'
import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { approval, criticalRejection, type ReviewScene } from '../testing/review-scene.ts'
import { isApproved, type NewReview } from './review-round.ts'

const ada: Actor = { id: 'ada', kind: 'human' }
const reason = 'The input is ours alone.\nSee ticket 7.'

/** What overriding a veto does on any SqlDatabase. Registers its tests. */
export function reviewOverrideContract(scene: () => ReviewScene): void {
  const vetoed = async (more: Partial<NewReview> = {}): Promise<NewReview> => {
    const review = await scene().opens({ closesEarly: true, ...more })
    await scene().cast(review, 'tester-1', approval)
    await scene().cast(review, 'security-1', criticalRejection)
    return review
  }

  it('a person overrides a veto: the content may pass, and the outcome of the votes stays', async () => {
    const review = await vetoed()
    expect(isApproved(await scene().store.get(review))).toBe(false)
    const overridden = await scene().store.override({ ...review, actor: ada, reason })
    expect(overridden).toMatchObject({ outcome: { kind: 'vetoed' }, override: { by: 'ada', reason } })
    expect(isApproved(overridden)).toBe(true)
    expect(await scene().store.get(review)).toEqual(overridden)
    expect(await scene().eventsOf(review)).toEqual(['review.opened', 'review.closed', 'review.overridden'])
    expect((await scene().actionsOn(review)).at(-1)).toBe('review.override')
  })

  it('again by the same person for the same reason changes nothing, and otherwise is refused', async () => {
    const review = await vetoed()
    const command = { ...review, actor: ada, reason }
    const first = await scene().store.override(command)
    expect(await scene().store.override(command)).toEqual(first)
    const code = 'REVIEW_ALREADY_OVERRIDDEN'
    await expect(scene().store.override({ ...command, reason: 'another' })).rejects.toMatchObject({ code })
    const bob = { ...command, actor: { id: 'bob', kind: 'human' } as const }
    await expect(scene().store.override(bob)).rejects.toMatchObject({ code })
    expect(await scene().store.get(review)).toEqual(first)
    expect((await scene().eventsOf(review)).filter((one) => one === 'review.overridden')).toHaveLength(1)
  })

  it.each<[string, string, Partial<NewReview>, { actor?: Actor; contentHash?: string }]>([
    ['an agent', 'REVIEW_NEEDS_PERSON', {}, { actor: { id: 'security-1', kind: 'agent' } }],
    ['a service', 'REVIEW_NEEDS_PERSON', {}, { actor: { id: 'supervisor', kind: 'service' } }],
    ['the author', 'REVIEW_AUTHOR_MAY_NOT_OVERRIDE', { authorId: 'ada' }, {}],
    ['who saw another content', 'REVIEW_CONTENT_CHANGED', {}, { contentHash: 'hash-0' }],
  ])('is refused to %s, and the refusal is audited', async (_who, code, more, asked) => {
    const review = await vetoed(more)
    const command = { ...review, actor: ada, reason, ...asked }
    await expect(scene().store.override(command)).rejects.toMatchObject({ code })
    const round = await scene().store.get(review)
    expect([round, isApproved(round)]).toMatchObject([{ override: null }, false])
    expect((await scene().actionsOn(review)).at(-1)).toBe('review.override denied')
  })

  it('is refused where no veto stands: in an open round, and in one that ended otherwise', async () => {
    const review = await scene().opens()
    const command = { ...review, actor: ada, reason }
    const code = 'REVIEW_NOT_VETOED'
    await expect(scene().store.override(command)).rejects.toMatchObject({ code })
    await scene().store.closeRound(review)
    await expect(scene().store.override(command)).rejects.toMatchObject({ code })
    expect(isApproved(await scene().store.get(review))).toBe(false)
  })

  it('is refused for a round of another tenant, and for want of a reason', async () => {
    const review = await vetoed()
    const command = { ...review, actor: ada, reason }
    await expect(scene().store.override({ ...command, tenantId: 'other' })).rejects.toMatchObject({
      code: 'REVIEW_NOT_FOUND',
    })
    const unexplained = scene().store.override({ ...command, reason: '' })
    await expect(unexplained).rejects.toEqual(invalidOption('reason', expect.stringContaining('1 to 4000')))
  })

  it('by several people at once is done by one', async () => {
    const review = await vetoed()
    const people = ['ada', 'bob', 'cy'].map((id) => ({ id, kind: 'human' }) as const)
    const results = await Promise.allSettled(
      people.map((actor) => scene().store.override({ ...review, actor, reason })),
    )
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect((await scene().eventsOf(review)).filter((one) => one === 'review.overridden')).toHaveLength(1)
  })
}
