import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { FailureHistory } from './failure-history.ts'
import { checkAfterDeath, type DeathScene, prepareDeath } from './testing/after-deaths.ts'
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

    /** Runs a round that dies after a call; resolves with whether it came so far. */
    const dieAfter = async (tenantId: string, last: number): Promise<boolean> => {
      const { governor: prompts, registry: inForce, database } = scene
      const death = new Error('dead')
      const world = dyingWorld({ database, prompts, inForce }, last, () => Promise.reject(death))
      const history = new FailureHistory({ database: world.database })
      return scene
        .supervisor({ ...world, history })
        .runOnce({ tenantId })
        .then(
          () => false,
          (error: unknown) => {
            if (error !== death) throw error
            return true
          },
        )
    }

    /** Lets a round die after call upon call, each time for a tenant of its own, until one lives. */
    const deathsOf = async (what: DeathScene): Promise<number> => {
      for (let last = 1; ; last++) {
        const tenantId = randomName('t')
        await prepareDeath(scene, tenantId, what)
        const hasDied = await dieAfter(tenantId, last)
        await checkAfterDeath(scene, tenantId, what, `after call ${last}`)
        if (!hasDied) return last - 1
      }
    }

    const putInForce = async (tenantId: string, content: string): Promise<void> => {
      const agentRole = 'developer'
      const actor = { id: 'ada', kind: 'human' } as const
      const decision = await scene.governor.propose({
        tenantId,
        agentRole,
        updateId: 'u-1',
        content,
        reason: 'new language',
        actor,
      })
      expect(decision.status).toBe('applied')
    }

    it('propose and apply once, wherever they die', async () => {
      // Pruning, the claim, the proposal and its settlement.
      expect(await deathsOf('proposing')).toBe(4)
    })

    it('keep their claim for a while, so that one who is only slow is not overtaken', async () => {
      const tenantId = randomName('t')
      await prepareDeath(scene, tenantId, 'proposing')
      expect(await dieAfter(tenantId, 2)).toBe(true)
      expect((await scene.supervisor().runOnce({ tenantId })).updates).toEqual([])
      expect((await scene.prompt(tenantId)).version).toBe(1)
      await checkAfterDeath(scene, tenantId, 'proposing', 'after the claim')
    })

    it('leave an update that is not proposed any more where somebody has changed the prompt since', async () => {
      const tenantId = randomName('t')
      await prepareDeath(scene, tenantId, 'proposing')
      expect(await dieAfter(tenantId, 2)).toBe(true)
      await putInForce(tenantId, 'You write Rust.')
      await scene.ageClaims(tenantId)
      const { updates } = await scene.supervisor().runOnce({ tenantId })
      expect(updates.map(({ outcome }) => outcome)).toEqual(['stale', 'applied'])
      expect((await scene.prompt(tenantId)).content).toMatch(/^You write Rust\.\n\n## Learnt/)
    })

    it('leave a rollback that is not made any more where somebody has changed the prompt since: they are alerted', async () => {
      const tenantId = randomName('t')
      await prepareDeath(scene, tenantId, 'rolling-back')
      expect(await dieAfter(tenantId, 3)).toBe(true)
      await putInForce(tenantId, 'You write Rust.')
      const { updates } = await scene.supervisor().runOnce({ tenantId })
      expect(updates.map(({ outcome }) => outcome)).toEqual(['needs-person'])
      expect((await scene.prompt(tenantId)).content).toBe('You write Rust.')
      expect(scene.alerts).toMatchObject([{ kind: 'pattern.harmful', severity: 'critical' }])
      expect((await scene.supervisor().list({ tenantId })).items).toMatchObject([{ status: 'blocked' }])
      expect(await scene.changes(tenantId)).not.toContain('rollback applied 2>1')
    })

    it('roll back once, wherever they die', async () => {
      // Pruning, the effect, the claim, the rollback and its settlement.
      expect(await deathsOf('rolling-back')).toBe(5)
    })
  })
}
