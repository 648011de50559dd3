import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ApprovalScene,
  type ApprovalSceneOptions,
  person,
  SUPERVISOR,
  withLearningRules,
} from '../../testing/approval-scene.ts'
import type { OpenedGovernance } from '../../testing/opened-governance.ts'
import { LearningGovernance } from '../learning-governance.ts'
import { PromptApprovals } from './prompt-approvals.ts'

const ada = person('ada')
const bob = person('bob')

/** What people's words do to proposals on any SqlDatabase. Registers its tests. */
export function promptApprovalsContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`approvals of prompts on ${title}`, () => {
    let opened: OpenedGovernance
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const newScene = (more: ApprovalSceneOptions = {}): Promise<ApprovalScene> =>
      new ApprovalScene(opened.database, 'architect', more).seed()
    const withRules = <T>(change: string, run: () => Promise<T>): Promise<T> =>
      withLearningRules(opened.database, change, run)
    const letTimePass = (scene: ApprovalScene): Promise<void> =>
      scene.tamper(
        `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
          WHERE tenant_id = $1 AND status = 'pending'`,
      )

    it('of the one person that is wanted puts the text in force, with an entry and an event each', async () => {
      const scene = await newScene()
      const proposal = await scene.propose()
      expect(await scene.approvals.countPending({ tenantId: scene.tenantId })).toBe(1)
      const outcome = await scene.approvals.approve({ ...proposal, actor: ada, notes: 'reads well' })
      expect(outcome).toMatchObject({ status: 'applied', version: 2, approvals: 1, required: 1 })
      const after = await scene.record()
      expect(after.versionInForce).toBe(2)
      expect(after.history[1]).toMatchObject({ status: 'applied', decided_by: 'ada', notes: 'reads well' })
      expect(after.audit.slice(-2)).toMatchObject([
        { actor: 'ada', kind: 'human', action: 'prompt.approve', outcome: 'allowed' },
        { actor: 'ada', action: 'prompt.update', details: { approvers: ['ada'], version: 2 } },
      ])
      expect(after.events.slice(-2).map((one) => one.type)).toEqual([
        'prompt.updateApproved',
        'prompt.changed',
      ])
      expect(await scene.approvals.countPending({ tenantId: scene.tenantId })).toBe(0)
    })

    it('given again by the same person is the same answer, and writes nothing', async () => {
      const scene = await newScene()
      const proposal = await scene.propose()
      const first = await scene.approvals.approve({ ...proposal, actor: ada })
      const before = await scene.record()
      expect(await scene.approvals.approve({ ...proposal, actor: ada, notes: 'again' })).toEqual(first)
      expect(await scene.record()).toEqual(before)
    })

    it('of several people are wanted: the same person twice counts once', async () => {
      await withRules('required_approvals = 3', async () => {
        const scene = await newScene()
        const proposal = await scene.propose()
        const counted = { status: 'counted', approvals: 1, required: 3 }
        expect(await scene.approvals.approve({ ...proposal, actor: ada })).toMatchObject(counted)
        expect(await scene.approvals.approve({ ...proposal, actor: ada })).toMatchObject(counted)
        expect(await scene.approvals.approve({ ...proposal, actor: bob })).toMatchObject({ approvals: 2 })
        expect((await scene.record()).versionInForce).toBe(1)
        expect((await scene.approvals.listPending({ tenantId: scene.tenantId })).items).toMatchObject([
          { updateId: proposal.updateId, approvals: 2, requiredApprovals: 3, proposedBy: 'supervisor' },
        ])
        const last = await scene.approvals.approve({ ...proposal, actor: person('carl') })
        expect(last).toMatchObject({ status: 'applied', approvals: 3, required: 3 })
        expect(await scene.approvals.approve({ ...proposal, actor: ada })).toEqual(last)
      })
    })

    it('in a limit is kept, waits past its expiry, and is applied once the limit is away', async () => {
      const scene = await newScene()
      const proposal = await scene.propose()
      await withRules('max_updates_per_day = 0', async () => {
        const held = { status: 'held', reason: 'daily_limit_reached', approvals: 1, nextAllowedAt: null }
        expect(await scene.approvals.approve({ ...proposal, actor: ada })).toMatchObject(held)
        expect(await scene.approvals.approve({ ...proposal, actor: ada })).toMatchObject(held)
        expect(await scene.approvals.countPending({ tenantId: scene.tenantId })).toBe(0)
        await letTimePass(scene)
        await scene.approvals.expire()
        await scene.approvals.applyDue()
        const { items } = await scene.approvals.listPending({
          tenantId: scene.tenantId,
          awaiting: 'application',
        })
        expect(items).toMatchObject([{ heldBy: 'daily_limit_reached', approvals: 1 }])
        const told = (await scene.record()).events.filter((one) => one.type === 'prompt.updateHeld')
        expect(told).toHaveLength(1)
      })
      await scene.approvals.applyDue()
      await scene.approvals.applyDue()
      const after = await scene.record()
      expect(after.versionInForce).toBe(2)
      expect(after.history[1]).toMatchObject({ status: 'applied', decided_by: 'ada' })
      expect(after.events.filter((one) => one.type === 'prompt.changed')).toHaveLength(2)
    })

    it('of what a gate refuses is kept, told once, and falls when it expires', async () => {
      const gates = [
        {
          name: 'size',
          check: async () => [{ gate: 'size', rule: 'too-large', message: 'too large' }],
        },
      ]
      const scene = await newScene({ gates })
      const proposal = await scene.propose()
      expect(await scene.approvals.approve({ ...proposal, actor: ada })).toMatchObject({
        status: 'held',
        reason: 'gate_failed',
        findings: [{ rule: 'too-large' }],
      })
      await scene.approvals.applyDue()
      const denied = (await scene.record()).audit.filter((one) => one.outcome === 'denied')
      expect(denied).toMatchObject([
        { actor: 'governance', action: 'prompt.update', details: { reason: 'gate_failed' } },
      ])
      await letTimePass(scene)
      await scene.approvals.applyDue()
      expect((await scene.record()).history[1]).toMatchObject({ status: 'expired' })
      await expect(scene.approvals.approve({ ...proposal, actor: bob })).rejects.toMatchObject({
        code: 'LEARNING_EXPIRED',
      })
    })

    it('is taken back by nobody, but a rejection settles what is not applied yet', async () => {
      const scene = await newScene()
      const proposal = await scene.propose()
      await withRules('max_updates_per_day = 0', async () => {
        await scene.approvals.approve({ ...proposal, actor: ada })
        const rejected = await scene.approvals.reject({ ...proposal, actor: ada, notes: 'on second thought' })
        expect(rejected).toMatchObject({ status: 'rejected', by: 'ada' })
        expect(await scene.approvals.reject({ ...proposal, actor: ada })).toEqual(rejected)
      })
      await expect(scene.approvals.approve({ ...proposal, actor: bob })).rejects.toMatchObject({
        code: 'LEARNING_ALREADY_DECIDED',
        details: { by: 'ada' },
      })
      await scene.approvals.applyDue()
      const after = await scene.record()
      expect(after.versionInForce).toBe(1)
      expect(after.events.filter((one) => one.type === 'prompt.updateRejected')).toHaveLength(1)
    })

    it('in pages: those that wait for people, those that wait to be applied', async () => {
      const scene = await newScene()
      const ids = ['u-a', 'u-b', 'u-c']
      const proposals = []
      for (const id of ids) proposals.push(await scene.propose(id))
      const first = await scene.approvals.listPending({ tenantId: scene.tenantId, limit: 2 })
      expect(first.items.map((one) => one.updateId)).toEqual(['u-a', 'u-b'])
      const next = await scene.approvals.listPending({
        tenantId: scene.tenantId,
        limit: 2,
        cursor: first.nextCursor ?? '',
      })
      expect(next).toMatchObject({ items: [{ updateId: 'u-c' }], nextCursor: null })
      await withRules('max_updates_per_day = 0', async () => {
        await scene.approvals.approve({
          ...(first.items[1] ?? next),
          tenantId: scene.tenantId,
          actor: ada,
        } as never)
        const awaiting = async (which: 'approvals' | 'application'): Promise<readonly string[]> =>
          (await scene.approvals.listPending({ tenantId: scene.tenantId, awaiting: which })).items.map(
            (one) => one.updateId,
          )
        expect(await awaiting('approvals')).toEqual(['u-a', 'u-c'])
        expect(await awaiting('application')).toEqual(['u-b'])
      })
      await scene.approvals.applyDue()
      expect((await scene.record()).history.map((one) => one.status)).toEqual([
        'applied',
        'stale',
        'applied',
        'stale',
      ])
      expect(await scene.approvals.countPending({ tenantId: scene.tenantId })).toBe(0)
      for (const bad of [{ limit: 0 }, { limit: 501 }, { cursor: 'x' }]) {
        const listed = scene.approvals.listPending({ tenantId: scene.tenantId, ...bad })
        await expect(listed).rejects.toEqual(invalidOption(Object.keys(bad)[0]))
      }
    })

    it('that waited too long are marked as expired, with an entry and an event, and count no more', async () => {
      const scene = await newScene()
      await scene.propose()
      await letTimePass(scene)
      expect(await scene.approvals.countPending({ tenantId: scene.tenantId })).toBe(0)
      expect((await scene.approvals.listPending({ tenantId: scene.tenantId })).items).toEqual([])
      await scene.approvals.expire()
      await scene.approvals.expire()
      const after = await scene.record()
      expect(after.history[1]).toMatchObject({ status: 'expired', decided_by: null })
      expect(after.audit.filter((one) => one.action === 'prompt.letFall')).toMatchObject([
        { actor: 'governance', kind: 'service', details: { status: 'expired' } },
      ])
      expect(after.events.filter((one) => one.type === 'prompt.updateFell')).toHaveLength(1)
    })

    it('whose gate fails stays, and keeps no other from its turn', async () => {
      const failing = await newScene()
      const gate = {
        name: 'broken',
        check: async (_tx: unknown, { tenantId }: { readonly tenantId: string }) => {
          if (tenantId === failing.tenantId) throw new Error('the gate is down')
          return []
        },
      }
      const logger = new RecordingLogger()
      const other = await newScene({ gates: [gate], logger })
      for (const scene of [failing, other]) {
        const { updateId } = await scene.propose()
        await scene.tamper('SELECT approve_prompt_update($2, $3, NULL, $1)', [updateId, 'ada'])
      }
      expect(await other.approvals.applyDue()).toMatchObject({ applied: 1, failed: 1 })
      expect([(await failing.record()).versionInForce, (await other.record()).versionInForce]).toEqual([1, 2])
      expect(logger.lines).toEqual([
        {
          ...{ level: 'error', message: 'a waiting change of a prompt could not be looked at' },
          fields: {
            ...{ err: new Error('the gate is down'), tenantId: failing.tenantId },
            updateId: expect.anything(),
          },
        },
      ])
      await failing.approvals.applyDue()
      expect((await failing.record()).versionInForce).toBe(2)
    })

    it('are seen to round after round until the signal fires, over failures of the database too', async () => {
      const scene = await newScene()
      const { updateId } = await scene.propose()
      await scene.tamper('SELECT approve_prompt_update($2, $3, NULL, $1)', [updateId, 'ada'])
      const { database } = opened
      const logger = new RecordingLogger()
      const stop = new AbortController()
      let isDown = true
      const failingOnce: SqlDatabase = {
        capabilities: database.capabilities,
        query: async (text, values, options) => {
          if (isDown) {
            isDown = false
            throw new Error('down')
          }
          return database.query(text, values, options)
        },
        script: (text) => database.script(text),
        session: (run) => database.session(run),
        transaction: async (run, options) => {
          const result = await database.transaction(run, options)
          stop.abort()
          return result
        },
      }
      const approvals = new PromptApprovals({
        learning: new LearningGovernance({ database: failingOnce, logger }),
        pollIntervalMs: 10,
      })
      await approvals.run({ signal: stop.signal })
      expect((await scene.record()).versionInForce).toBe(2)
      expect(logger.lines).toMatchObject([{ level: 'warn', message: 'a round of prompt approvals failed' }])
    })

    it('stop waiting for others when their signal fires', async () => {
      const scene = await newScene()
      const proposal = await scene.propose()
      const word = { ...proposal, actor: ada }
      const stopped = scene.approvals.approve(word, { signal: AbortSignal.abort() })
      await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' })
      expect((await scene.record()).approvals).toEqual([])
    })

    it('refuse a bad option', () => {
      const { database } = opened
      expect(() => new LearningGovernance({ database, lockTimeoutMs: 0 })).toThrow('lockTimeoutMs')
      const learning = new LearningGovernance({ database })
      expect(() => new PromptApprovals({ learning, pollIntervalMs: 9 })).toThrow('pollIntervalMs')
    })

    it('without an audit log and an outbox work as well', async () => {
      const scene = await newScene()
      const proposal = await scene.propose()
      const quiet = new PromptApprovals({ learning: new LearningGovernance({ database: opened.database }) })
      await expect(quiet.approve({ ...proposal, actor: SUPERVISOR })).rejects.toMatchObject({
        code: 'LEARNING_NEEDS_PERSON',
      })
      expect(await quiet.approve({ ...proposal, actor: ada })).toMatchObject({ status: 'applied' })
      expect((await scene.record()).audit.map((one) => one.action)).not.toContain('prompt.approve')
    })
  })
}
