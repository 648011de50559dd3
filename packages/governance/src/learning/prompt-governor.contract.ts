import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ada, LearningScene } from '../testing/learning-scene.ts'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { proposingContract } from './proposing.contract.ts'
import { rollingBackContract } from './rolling-back.contract.ts'

/** What learning governance does on any SqlDatabase. Registers its tests. */
export function promptGovernorContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`learning governance on ${title}`, () => {
    let opened: OpenedGovernance | undefined
    let scene: LearningScene | undefined
    const sceneOf = (): LearningScene => {
      if (scene === undefined) throw new Error('nothing is open yet')
      return scene
    }
    beforeAll(async () => {
      opened = await open()
      scene = new LearningScene(opened.database)
    })
    afterAll(() => opened?.close())

    proposingContract(sceneOf)
    rollingBackContract(sceneOf)

    describe('the status', () => {
      it('tells each role of a tenant, known or not, and one role; the view tells the same', async () => {
        const { governor, database } = sceneOf()
        const tenantId = randomName('t')
        const none = await governor.status({ tenantId })
        expect(none.map(({ agentRole, status, version }) => [agentRole, status, version])).toEqual([
          ['architect', 'requires_approval', null],
          ['developer', 'can_auto_update', null],
          ['reviewer', 'can_auto_update', null],
          ['security', 'requires_approval', null],
          ['tester', 'can_auto_update', null],
        ])
        await governor.propose(sceneOf().proposalFor(tenantId))
        await governor.propose(sceneOf().proposalFor(tenantId, { agentRole: 'security' }))
        const status = await governor.status({ tenantId })
        const { rows } = await database.query(
          `SELECT agent_role AS "agentRole", status, updates_today AS "updatesToday", last_update_at AS "lastUpdateAt",
                  cooldown_active AS "cooldownActive", next_allowed_at AS "nextAllowedAt", is_frozen AS "isFrozen",
                  can_auto_update_prompt(agent_role, tenant_id) AS can, status = 'can_auto_update' AS should
             FROM governance_status WHERE tenant_id = $1 ORDER BY agent_role`,
          [tenantId],
        )
        expect(rows).toHaveLength(5)
        for (const [index, { can, should, ...row }] of rows.entries()) {
          expect(status[index]).toMatchObject(row)
          expect(can).toBe(should)
        }
        expect(await governor.status({ tenantId, agentRole: 'security' })).toMatchObject([
          { status: 'requires_approval', pendingCount: 1, rules: { cooldownHours: 24, requiresNotes: true } },
        ])
        // A caller without types may name any role.
        await expect(governor.status({ tenantId, agentRole: 'janitor' as 'tester' })).rejects.toMatchObject({
          code: 'LEARNING_UNKNOWN_ROLE',
          message: expect.stringContaining('janitor'),
        })
      })

      it('has the columns that operators know, in their order', async () => {
        const { rows } = await sceneOf().database.query<{ name: string }>(
          `SELECT attname AS name FROM pg_attribute
            WHERE attrelid = 'governance_status'::regclass AND attnum > 0 ORDER BY attnum`,
        )
        expect(rows.map(({ name }) => name)).toEqual([
          'tenant_id',
          'agent_role',
          'status',
          'max_updates_per_day',
          'updates_today',
          'last_update_at',
          'cooldown_hours',
          'cooldown_active',
          'requires_approval',
          'next_allowed_at',
          'is_frozen',
        ])
      })
    })

    describe('the registry', () => {
      it('reads versions and changes by pages, oldest first, and each text by its version', async () => {
        const scene = sceneOf()
        const tenantId = randomName('t')
        const role = { tenantId, agentRole: 'developer' } as const
        await scene.governor.seed({ ...role, content: 'one', actor: ada })
        for (const content of ['two', 'three']) {
          await scene.governor.propose(scene.proposalFor(tenantId, { content }))
          await scene.age(tenantId, 3)
        }
        const first = await scene.registry.listVersions({ ...role, limit: 2 })
        expect(first.items.map(({ version, createdBy }) => [version, createdBy])).toEqual([
          [1, 'ada'],
          [2, 'supervisor-1'],
        ])
        expect(first.items[0]).not.toHaveProperty('content')
        const next = await scene.registry.listVersions({
          ...role,
          limit: 2,
          cursor: String(first.nextCursor),
        })
        expect(next).toMatchObject({ items: [{ version: 3 }], nextCursor: null })
        expect(await scene.registry.getVersion({ ...role, version: 2 })).toMatchObject({ content: 'two' })
        await expect(scene.registry.getVersion({ ...role, version: 4 })).rejects.toMatchObject({
          code: 'LEARNING_VERSION_NOT_FOUND',
          message: expect.stringMatching(/version 4 .* for /),
        })
        const history = await scene.registry.listChanges({ ...role, limit: 2 })
        expect(
          history.items.map(({ kind, baseVersion, targetVersion }) => [kind, baseVersion, targetVersion]),
        ).toEqual([
          ['seed', null, 1],
          ['update', 1, 2],
        ])
        const rest = await scene.registry.listChanges({ ...role, cursor: String(history.nextCursor) })
        expect(rest).toMatchObject({ items: [{ baseVersion: 2, targetVersion: 3 }], nextCursor: null })
        expect(await scene.registry.findCurrent({ ...role, tenantId: randomName('t') })).toBeUndefined()
      })
    })
  })
}
