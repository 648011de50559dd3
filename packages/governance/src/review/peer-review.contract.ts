import { afterAll, beforeAll, describe } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { ReviewScene } from '../testing/review-scene.ts'
import { peerReviewContract } from './peer-review-store.contract.ts'
import { reviewDeadlineContract } from './review-deadline.contract.ts'
import { reviewEarlyCloseContract } from './review-early-close.contract.ts'
import { reviewOverrideContract } from './review-override.contract.ts'
import { reviewPeopleContract } from './review-people.contract.ts'

/** All that peer reviews do on any SqlDatabase, on one of them. Registers its tests. */
export function peerReviewContracts(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(title, () => {
    let current: ReviewScene
    const scene = (): ReviewScene => current
    beforeAll(async () => {
      current = await ReviewScene.open(open)
    })
    afterAll(() => current.opened.close())

    describe('a round of review', () => peerReviewContract(scene))
    describe('a round with a deadline', () => reviewDeadlineContract(scene))
    describe('a round that closes early', () => reviewEarlyCloseContract(scene))
    describe('a veto', () => reviewOverrideContract(scene))
    describe('people', () => reviewPeopleContract(scene))
  })
}
