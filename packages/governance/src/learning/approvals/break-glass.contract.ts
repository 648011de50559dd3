import { SqlAuditLog } from '@golden-arch/core/audit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApprovalScene, person, SUPERVISOR, withLearningRules } from '../../testing/approval-scene.ts'
import type { OpenedGovernance } from '../../testing/opened-governance.ts'
import { LearningGovernance } from '../learning-governance.ts'
import type { BreakGlassCommand } from './break-glass.ts'
import { endBreakGlass } from './break-glass-watch.ts'
import { PromptApprovals } from './prompt-approvals.ts'
import { resolvePromptApprovalsOptions } from './prompt-approvals-options.ts'

const ada = person('ada')
const bob = person('bob')

/** What breaking the glass and lifting a freeze do on any SqlDatabase. Registers its tests. */
export function breakGlassContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`broken glass on ${title}`, () => {
    let opened: OpenedGovernance
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const newScene = (): Promise<ApprovalScene> => new ApprovalScene(opened.database, 'security').seed()
    const glassOf = (scene: ApprovalScene, more: Partial<BreakGlassCommand> = {}): BreakGlassCommand => ({
      tenantId: scene.tenantId,
      updateId: 'glass-1',
      agentRole: scene.role,
      content: 'refuse everything',
      reason: 'it leaks secrets',
      actor: ada,
      ...more,
    })
    const timeIsUp = (scene: ApprovalScene): Promise<void> =>
      scene.tamper(
        `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
          WHERE tenant_id = $1 AND kind = 'break-glass' AND expires_at IS NOT NULL`,
      )

    it('comes into force past limits, approvals and gates, is recorded, and pages once', async () => {
      const gates = [{ name: 'no', check: async () => [{ gate: 'no', rule: 'no', message: 'no' }] }]
      const scene = await new ApprovalScene(opened.database, 'security', { gates }).seed()
      const fallen = await scene.propose()
      await withLearningRules(opened.database, 'max_updates_per_day = 0', async () => {
        const outcome = await scene.approvals.breakGlass(glassOf(scene))
        expect(outcome).toMatchObject({ version: 3, baseVersion: 1, expiresAt: null })
      })
      const after = await scene.record()
      expect(after.versionInForce).toBe(3)
      expect(after.history.map((one) => [one.kind, one.status])).toEqual([
        ['seed', 'applied'],
        ['update', 'stale'],
        ['break-glass', 'applied'],
      ])
      expect(after.audit.at(-1)).toMatchObject({
        actor: 'ada',
        kind: 'human',
        action: 'prompt.breakGlass',
        outcome: 'allowed',
        details: { reason: 'it leaks secrets', staleUpdateIds: [fallen.updateId] },
      })
      expect(after.events.at(-1)).toMatchObject({ type: 'prompt.changed', data: { kind: 'break-glass' } })
      expect(scene.alerts).toMatchObject([
        { kind: 'learning.breakGlass', severity: 'critical', tenantId: scene.tenantId, key: 'glass-1' },
      ])
      await scene.approvals.watchBreakGlass()
      expect(scene.alerts).toHaveLength(1)
    })

    it('uses up the limit of the day and starts the cooldown', async () => {
      const scene = await newScene()
      await scene.approvals.breakGlass(glassOf(scene))
      const [status] = await scene.governor.status({ tenantId: scene.tenantId, agentRole: scene.role })
      expect(status).toMatchObject({ status: 'daily_limit_reached', updatesToday: 1, cooldownActive: true })
    })

    it('asked again is the same answer, and other facts under its id are refused', async () => {
      const scene = await newScene()
      const first = await scene.approvals.breakGlass(glassOf(scene, { expiresInMs: 60_000 }))
      const before = await scene.record()
      expect(await scene.approvals.breakGlass(glassOf(scene, { expiresInMs: 60_000 }))).toEqual(first)
      expect(await scene.record()).toEqual(before)
      for (const other of [
        { content: 'other' },
        { reason: 'other' },
        { actor: bob },
        { expiresInMs: 61_000 },
        {},
      ])
        await expect(scene.approvals.breakGlass(glassOf(scene, other))).rejects.toMatchObject({
          code: 'LEARNING_UPDATE_CONFLICT',
        })
    })

    it.each<[string, string, Partial<BreakGlassCommand>]>([
      ['a service', 'LEARNING_NEEDS_PERSON', { actor: SUPERVISOR }],
      ['an agent', 'LEARNING_NEEDS_PERSON', { actor: { id: 'ada', kind: 'agent' } }],
      ['a person under an id that hides something', 'LEARNING_NEEDS_PERSON', { actor: person('ada\u200b') }],
      ['a person, for the text in force', 'LEARNING_VERSION_IN_FORCE', { content: 'be strict' }],
      // The caller may be plain JavaScript.
      ['a person, for no role', 'LEARNING_UNKNOWN_ROLE', { agentRole: 'janitor' as 'tester' }],
      [
        'a person, for a while where nothing was before',
        'LEARNING_VERSION_NOT_FOUND',
        { agentRole: 'tester', expiresInMs: 60_000 },
      ],
    ])('by %s is refused and recorded, and pages nobody', async (_who, code, more) => {
      const scene = await newScene()
      await expect(scene.approvals.breakGlass(glassOf(scene, more))).rejects.toMatchObject({ code })
      const after = await scene.record()
      expect(after.versionInForce).toBe(1)
      expect(after.audit.at(-1)).toMatchObject({
        action: 'prompt.breakGlass',
        outcome: 'denied',
        details: { code },
      })
      expect(scene.alerts).toEqual([])
    })

    it.each<Partial<BreakGlassCommand>>([
      { content: '' },
      { content: 'half \ud83d' },
      { content: 'x'.repeat(1_000_001) },
      { reason: '' },
      { reason: 'nul \0' },
      { expiresInMs: 999 },
      { expiresInMs: Number.NaN },
    ])('of a text that is none, or without a reason, is an error of the caller', async (more) => {
      const scene = await newScene()
      await expect(scene.approvals.breakGlass(glassOf(scene, more))).rejects.toEqual(
        invalidOption(Object.keys(more)[0]),
      )
    })

    it('whose page was lost with the process pages when another looks', async () => {
      const scene = await newScene()
      const broken = {
        raise: () => {
          throw new Error('the process died')
        },
      }
      const dying = new PromptApprovals({
        learning: new LearningGovernance({ database: opened.database, alerts: broken }),
      })
      await expect(dying.breakGlass(glassOf(scene))).rejects.toThrow('the process died')
      expect((await scene.record()).versionInForce).toBe(2)
      await scene.approvals.watchBreakGlass()
      await scene.approvals.watchBreakGlass()
      const own = scene.alerts.filter((alert) => alert.tenantId === scene.tenantId)
      expect(own).toMatchObject([{ kind: 'learning.breakGlass', key: 'glass-1' }])
    })

    it('for a while gives way to the version before when its time is up, once', async () => {
      const scene = await newScene()
      await scene.approvals.breakGlass(glassOf(scene, { expiresInMs: 3_600_000 }))
      await scene.approvals.watchBreakGlass()
      expect((await scene.record()).versionInForce).toBe(2)
      await timeIsUp(scene)
      await scene.approvals.watchBreakGlass()
      await scene.approvals.watchBreakGlass()
      const after = await scene.record()
      expect(after.versionInForce).toBe(1)
      expect(after.history.map((one) => one.kind)).toEqual(['seed', 'break-glass', 'rollback'])
      expect(after.audit.at(-1)).toMatchObject({
        actor: 'governance',
        kind: 'service',
        action: 'prompt.rollback',
      })
    })

    it('for a while takes nothing back that followed it', async () => {
      const scene = await newScene()
      await scene.approvals.breakGlass(glassOf(scene, { expiresInMs: 3_600_000 }))
      await scene.approvals.breakGlass(glassOf(scene, { updateId: 'glass-2', content: 'refuse most' }))
      await timeIsUp(scene)
      await scene.approvals.watchBreakGlass()
      expect((await scene.record()).versionInForce).toBe(3)
    })

    describe('on broken glass, both for a while,', () => {
      /** v2 and on it v3, each for a while. */
      const newStack = async (): Promise<ApprovalScene> => {
        const scene = await newScene()
        await breakFor(scene, 'glass-1', 'refuse everything')
        await breakFor(scene, 'glass-2', 'refuse most')
        return scene
      }
      const breakFor = (scene: ApprovalScene, updateId: string, content: string): Promise<unknown> =>
        scene.approvals.breakGlass(glassOf(scene, { updateId, content, expiresInMs: 3_600_000 }))
      const timeIsUpOf = (scene: ApprovalScene, updateId: string): Promise<void> =>
        scene.tamper(
          `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
            WHERE tenant_id = $1 AND update_id = $2`,
          [updateId],
        )
      /** The versions in force after each round in which the time of one more is up. */
      const endInTurn = async (scene: ApprovalScene, updateIds: readonly string[]): Promise<unknown[]> => {
        const versions: unknown[] = []
        for (const updateId of updateIds) {
          await timeIsUpOf(scene, updateId)
          await scene.approvals.watchBreakGlass()
          versions.push((await scene.record()).versionInForce)
        }
        return versions
      }
      const rollbacksOf = async (scene: ApprovalScene): Promise<unknown[]> =>
        (await scene.record()).audit
          .filter((one) => one.action === 'prompt.rollback')
          .map(({ details }) => [details.previousVersion, details.version, details.reason])

      it('gives way to what was before both, where the first one ends first', async () => {
        const scene = await newStack()
        expect(await endInTurn(scene, ['glass-1', 'glass-2'])).toEqual([3, 1])
        await scene.approvals.watchBreakGlass()
        expect(await rollbacksOf(scene)).toEqual([[3, 1, 'the time of glass-2 is up']])
      })

      it('gives way to the first one for as long as that still runs, where it ends first', async () => {
        const scene = await newStack()
        expect(await endInTurn(scene, ['glass-2', 'glass-1'])).toEqual([2, 1])
        await scene.approvals.watchBreakGlass()
        expect(await rollbacksOf(scene)).toEqual([
          [3, 2, 'the time of glass-2 is up'],
          [2, 1, 'the time of glass-1 is up'],
        ])
      })

      it.each([[['glass-1', 'glass-2']], [['glass-2', 'glass-1']]])(
        'gives way at once to what was before both, where nobody looked until both were up: %j',
        async (updateIds) => {
          const scene = await newStack()
          await timeIsUp(scene)
          const { tenantId } = scene
          const learning = new LearningGovernance({ database: opened.database, audit: new SqlAuditLog() })
          const options = resolvePromptApprovalsOptions({ learning })
          for (const updateId of updateIds) {
            const end = opened.database.transaction((tx) =>
              endBreakGlass(tx, options, { tenantId, updateId }),
            )
            expect(await end).toBe(true)
            // A process that dies here leaves nobody with an expired text.
            expect((await scene.record()).versionInForce).toBe(1)
          }
          await scene.approvals.watchBreakGlass()
          expect(await rollbacksOf(scene)).toEqual([[3, 1, 'the time of glass-2 is up']])
        },
      )

      it('gives way to what was before all, where one of them has ended already and another followed', async () => {
        const scene = await newStack()
        expect(await endInTurn(scene, ['glass-2'])).toEqual([2])
        await breakFor(scene, 'glass-3', 'refuse a little')
        expect(await endInTurn(scene, ['glass-1', 'glass-3'])).toEqual([4, 1])
      })

      it('may give way to the very text that is in force, and then nothing moves until the time of that is up too', async () => {
        const scene = await newStack()
        await breakFor(scene, 'glass-3', 'refuse everything')
        expect(await endInTurn(scene, ['glass-2', 'glass-3', 'glass-1'])).toEqual([2, 2, 1])
        expect(await rollbacksOf(scene)).toHaveLength(1)
      })

      it('takes nothing back that a person put in force between them or on top', async () => {
        const between = await newScene()
        await breakFor(between, 'glass-1', 'refuse everything')
        const lasting = { updateId: 'lasting', content: 'refuse some' }
        await between.approvals.breakGlass(glassOf(between, lasting))
        await breakFor(between, 'glass-2', 'refuse most')
        expect(await endInTurn(between, ['glass-1', 'glass-2'])).toEqual([4, 3])
        const { tenantId, role: agentRole } = between
        const back = {
          tenantId,
          agentRole,
          updateId: 'back',
          toVersion: 2,
          reason: 'it was right',
          actor: ada,
        }
        await between.governor.rollback(back)
        await between.approvals.watchBreakGlass()
        expect((await between.record()).versionInForce).toBe(2)

        const onTop = await newStack()
        expect(await endInTurn(onTop, ['glass-2'])).toEqual([2])
        await onTop.approvals.breakGlass(glassOf(onTop, lasting))
        expect(await endInTurn(onTop, ['glass-1'])).toEqual([4])
      })

      it('takes nothing back where the label was moved by hand', async () => {
        const scene = await newStack()
        await scene.tamper(
          `UPDATE prompt_labels SET moved_at = moved_at + interval '1 second' WHERE tenant_id = $1`,
        )
        expect(await endInTurn(scene, ['glass-1', 'glass-2'])).toEqual([3, 3])
      })
    })

    it('a freeze is lifted by a person who says why, once', async () => {
      const scene = await newScene()
      const freeze = {
        tenantId: scene.tenantId,
        agentRole: scene.role,
        actor: ada,
        notes: 'the tests were wrong',
      }
      await expect(scene.approvals.acknowledgeFreeze(freeze)).rejects.toMatchObject({
        code: 'LEARNING_NOT_FROZEN',
      })
      await scene.tamper(
        `INSERT INTO learning_freezes (tenant_id, agent_role, reason) VALUES ($1, 'security', 'two rollbacks')`,
      )
      const refusals: readonly [string, object][] = [
        ['LEARNING_NEEDS_PERSON', { actor: SUPERVISOR }],
        ['LEARNING_NEEDS_PERSON', { actor: { id: 'x', kind: 'agent' } }],
        ['LEARNING_NOTES_REQUIRED', { notes: ' ' }],
        ['LEARNING_NOTES_REQUIRED', { notes: '' }],
        ['LEARNING_UNKNOWN_ROLE', { agentRole: 'janitor' }],
        ['LEARNING_NOT_FROZEN', { agentRole: 'tester' }],
        ['LEARNING_NOT_FROZEN', { tenantId: `${scene.tenantId}-other` }],
      ]
      for (const [code, more] of refusals)
        await expect(scene.approvals.acknowledgeFreeze({ ...freeze, ...more })).rejects.toMatchObject({
          code,
        })
      expect(await scene.governor.status({ tenantId: scene.tenantId, agentRole: 'security' })).toMatchObject([
        { isFrozen: true },
      ])
      const lifted = await scene.approvals.acknowledgeFreeze(freeze)
      expect(lifted).toMatchObject({ agentRole: 'security', reason: 'two rollbacks', acknowledgedBy: 'ada' })
      expect(await scene.approvals.acknowledgeFreeze(freeze)).toEqual(lifted)
      await expect(scene.approvals.acknowledgeFreeze({ ...freeze, actor: bob })).rejects.toMatchObject({
        code: 'LEARNING_ALREADY_DECIDED',
        details: { by: 'ada' },
      })
      expect(await scene.governor.status({ tenantId: scene.tenantId, agentRole: 'security' })).toMatchObject([
        { isFrozen: false },
      ])
      const after = await scene.record()
      expect(after.events.map((one) => one.type)).toEqual(['prompt.changed', 'prompt.freezeAcknowledged'])
      const allowed = after.audit.filter(
        (one) => one.action === 'prompt.acknowledgeFreeze' && one.outcome === 'allowed',
      )
      expect(allowed).toHaveLength(1)
    })
  })
}
