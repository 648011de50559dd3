import { expect, it } from 'vitest'
import { EscalationStore } from '../escalation/index.ts'
import { openOnPglite } from '../testing/opened-governance.ts'
import { ReviewScene, rejection } from '../testing/review-scene.ts'

it('a round without consensus becomes an escalation of its project, one for each round', async () => {
  const scene = await ReviewScene.open(openOnPglite)
  try {
    const escalations = new EscalationStore({ database: scene.opened.database })
    const store = scene.newStore({ escalations })
    const review = await scene.opens({ projectId: 'demo' })
    await scene.cast(review, 'tester-1', rejection)
    const { outcome } = await store.closeRound(review)
    await store.open({ ...review, round: 2 })
    await store.closeRound({ ...review, round: 2 })
    const { items } = await escalations.list({ tenantId: review.tenantId })
    expect(items.map((one) => one.reason)).toEqual(['quorum-missing-round-1', 'quorum-missing-round-2'])
    expect(items[0]).toMatchObject({
      subject: { kind: 'review', id: review.subjectId },
      projectId: 'demo',
      severity: 'warning',
      evidence: { round: 1, contentHash: 'hash-1', explanation: outcome.explanation },
    })
  } finally {
    await scene.opened.close()
  }
})
