import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ada, LearningScene } from '../../testing/learning-scene.ts'
import type { OpenedGovernance } from '../../testing/opened-governance.ts'
import { PromptApprovals } from '../approvals/prompt-approvals.ts'
import { LearningGovernance } from '../learning-governance.ts'
import { contentSha256 } from '../prompt-content.ts'
import { canaryGate } from './canary-gate.ts'
import { PromptCanary } from './prompt-canary.ts'

const TEXT = 'Look for holes, in dependencies too.'

/** What becomes of the trial of a text that people decide on, on any SqlDatabase. Registers its tests. */
export function refusedTrialContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`the trial of a text that people decide on, on ${title}`, () => {
    let opened: OpenedGovernance
    let scene: LearningScene
    let approvals: PromptApprovals
    let canary: PromptCanary
    let role: { readonly tenantId: string; readonly agentRole: 'security' }

    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())
    beforeEach(async () => {
      const learning = new LearningGovernance({
        database: opened.database,
        outbox: new SqlEventOutbox(),
        audit: new SqlAuditLog(),
        gates: [canaryGate()],
        lockTimeoutMs: 600_000,
      })
      scene = new LearningScene(opened.database)
      approvals = new PromptApprovals({ learning })
      canary = new PromptCanary({ learning })
      role = { tenantId: randomName('t'), agentRole: 'security' }
      await scene.governor.seed({ ...role, content: 'Look for holes.', actor: ada })
      const proposal = scene.proposalFor(role.tenantId, { ...role, updateId: 'u-1', content: TEXT })
      const decision = await scene.governorWith({ gates: learning.gates }).propose(proposal)
      expect(decision).toMatchObject({ status: 'pending' })
      const trial = { canaryId: 'c-1', candidate: { content: TEXT }, shareMilli: 200, tasksWanted: 3 }
      await canary.start({ ...role, ...trial, actor: ada })
    })

    const word = () => ({
      tenantId: role.tenantId,
      updateId: 'u-1',
      contentSha256: contentSha256(TEXT),
      actor: ada,
      notes: 'read it',
    })
    const stopped = async (endedBy: string): Promise<void> => {
      expect(await canary.get({ ...role, canaryId: 'c-1' })).toMatchObject({ status: 'stopped', endedBy })
      expect(await canary.findRunning({ tenantId: role.tenantId, agentRole: 'security' })).toBeUndefined()
      const versions = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => canary.choose({ ...role, taskId: `task-${n}` }))
      expect(new Set((await Promise.all(versions)).map((one) => one?.version))).toEqual(new Set([1]))
      const ends = (await scene.events(role.tenantId)).filter(({ type }) => type === 'prompt.canaryEnded')
      expect(ends).toMatchObject([{ data: { status: 'stopped', updateId: 'u-1', endedBy } }])
    }
    it('holds what they approve until it is passed, with one list of gates for all', async () => {
      expect(await approvals.approve(word())).toMatchObject({ status: 'held', reason: 'gate_failed' })
      for (let n = 0, counted = 0; counted < 3; n++) {
        const taskId = `task-${n}`
        const prompt = await canary.choose({ ...role, taskId })
        if (prompt?.version !== 2) continue
        await canary.recordOutcome({ ...role, taskId, version: 2, succeeded: true })
        counted++
      }
      expect(await approvals.applyDue()).toMatchObject({ applied: expect.any(Number) })
      expect(await scene.registry.findCurrent(role)).toMatchObject({ content: TEXT })
      const { items } = await approvals.list({ tenantId: role.tenantId })
      expect(items).toMatchObject([{ status: 'applied', heldBy: null }])
    })

    it('ends with its rejection', async () => {
      await approvals.reject(word())
      await stopped('ada')
      await expect(
        canary.start({ ...role, canaryId: 'c-2', candidate: { content: TEXT }, shareMilli: 200, actor: ada }),
      ).rejects.toMatchObject({ code: 'LEARNING_UPDATE_NOT_FOUND' })
    })

    it('ends with the time in which they could approve it', async () => {
      await opened.database.query(
        `UPDATE learning_history SET expires_at = clock_timestamp() WHERE tenant_id = $1 AND update_id = 'u-1'`,
        [role.tenantId],
      )
      await approvals.expire()
      await stopped('governance')
    })

    it('ends in the next round where the rejection came through SQL', async () => {
      const { tenantId, updateId } = word()
      await opened.database.query('SELECT * FROM reject_prompt_update($1, $2, $3, $4)', [
        updateId,
        'bob',
        'no',
        tenantId,
      ])
      expect(await canary.findRunning({ tenantId, agentRole: 'security' })).not.toBeUndefined()
      await approvals.expire()
      await stopped('bob')
    })
  })
}
