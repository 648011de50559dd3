import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { FailureHistory } from './failure-history.ts'
import { dyingWorld } from './testing/dying-world.ts'
import { type PatternScene, patternScene } from './testing/pattern-scene.ts'

/** What is left of supervisors that die at any call, on any SqlDatabase. Registers its tests. */
export function patternSupervisorDeathsContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`pattern supervisors that die on ${title}`, () => {
    let opened: OpenedGovernance
    let scene: PatternScene
    beforeAll(async () => {
      opened = await open()
      scene = await patternScene(opened.database)
    })
    afterAll(() => opened.close())

    /** Lets a round die at call after call, each time for a tenant of its own, until one lives. */
    const atEveryCall = async (
      prepare: (tenantId: string) => Promise<void>,
      check: (tenantId: string, where: string) => Promise<void>,
    ): Promise<number> => {
      for (let last = 1; ; last++) {
        let hasDied = false
        for (const how of ['before', 'after'] as const) {
          const tenantId = randomName('t')
          await prepare(tenantId)
          const { governor: prompts, registry: inForce, database } = scene
          const world = dyingWorld({ database, prompts, inForce }, last, how)
          const history = new FailureHistory({ database: world.database })
          const dying = scene.supervisor({ ...world, history }).learn({ tenantId })
          const died = await dying.then(
            () => false,
            (error: unknown) => error instanceof Error && error.message === 'dead',
          )
          hasDied ||= died
          await scene.agePromises(tenantId)
          await scene.supervisor().learn({ tenantId })
          await scene.supervisor().learn({ tenantId })
          await check(tenantId, `${how} call ${last}`)
        }
        if (!hasDied) return last - 1
      }
    }

    it('propose and apply once, wherever they die', async () => {
      const deaths = await atEveryCall(
        async (tenantId) => {
          await scene.seed(tenantId)
          await scene.fail({ tenantId, count: 20, minutesAgo: 60 })
        },
        async (tenantId, where) => {
          expect(await scene.changes(tenantId), where).toEqual(['seed applied ->1', 'update applied 1>2'])
          const written = { 'event pattern.applied': 1, 'audit pattern.apply allowed': 1 }
          expect(await scene.written(tenantId), where).toEqual(written)
          const { items } = await scene.supervisor().list({ tenantId })
          expect(items, where).toMatchObject([{ status: 'applied', generation: 0 }])
        },
      )
      expect(deaths).toBeGreaterThan(10)
    })

    it('roll back once, wherever they die', async () => {
      const deaths = await atEveryCall(
        async (tenantId) => {
          await scene.seed(tenantId)
          await scene.fail({ tenantId, count: 40, minutesAgo: 60 })
          await scene.supervisor().learn({ tenantId })
          await scene.fail({ tenantId, count: 20, failed: 15 })
          scene.alerts.length = 0
        },
        async (tenantId, where) => {
          expect(await scene.changes(tenantId), where).toEqual([
            'seed applied ->1',
            'update applied 1>2',
            'rollback applied 2>1',
          ])
          expect(await scene.written(tenantId), where).toEqual({
            'event pattern.applied': 1,
            'event pattern.measured': 1,
            'event pattern.rolledBack': 1,
            'audit pattern.apply allowed': 1,
            'audit pattern.measure allowed': 1,
            'audit pattern.rollBack allowed': 1,
          })
          const { items } = await scene.supervisor().list({ tenantId })
          expect(items, where).toMatchObject([{ status: 'blocked', blockReason: 'harmful' }])
          expect(scene.alerts.length, where).toBeLessThanOrEqual(1)
        },
      )
      expect(deaths).toBeGreaterThan(10)
    })
  })
}
