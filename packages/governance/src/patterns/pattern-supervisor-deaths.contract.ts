import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { FailureHistory } from './failure-history.ts'
import { checkAfterDeath, prepareDeath } from './testing/after-deaths.ts'
import { dyingWorld } from './testing/dying-world.ts'
import { type PatternScene, patternScene } from './testing/pattern-scene.ts'

/** What is left of rounds of learning that fail at any call, on any SqlDatabase. Registers its tests. */
export function patternSupervisorDeathsContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`pattern supervisors that die on ${title}`, () => {
    let opened: OpenedGovernance
    let scene: PatternScene
    beforeAll(async () => {
      opened = await open()
      scene = await patternScene(opened.database)
    })
    afterAll(() => opened.close())

    /** Lets a round die after call upon call, each time for a tenant of its own, until one lives. */
    const deathsOf = async (what: 'proposing' | 'rolling-back'): Promise<number> => {
      for (let last = 1; ; last++) {
        const tenantId = randomName('t')
        await prepareDeath(scene, tenantId, what)
        const { governor: prompts, registry: inForce, database } = scene
        const death = new Error('dead')
        const world = dyingWorld({ database, prompts, inForce }, last, () => Promise.reject(death))
        const history = new FailureHistory({ database: world.database })
        const end = await scene
          .supervisor({ ...world, history })
          .learn({ tenantId })
          .catch((error: unknown) => error)
        await checkAfterDeath(scene, tenantId, what, `after call ${last}`)
        if (end !== death) return last - 1
      }
    }

    it('propose and apply once, wherever they die', async () => {
      // Pruning, the claim, the proposal and its settlement.
      expect(await deathsOf('proposing')).toBe(4)
    })

    it('roll back once, wherever they die', async () => {
      // Pruning, the effect, the claim, the rollback and its settlement.
      expect(await deathsOf('rolling-back')).toBe(5)
    })
  })
}
