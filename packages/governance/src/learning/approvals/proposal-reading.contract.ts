import { METRICS } from '@golden-arch/core/observability'
import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApprovalScene, person } from '../../testing/approval-scene.ts'
import type { OpenedGovernance } from '../../testing/opened-governance.ts'
import { PromptEvaluations } from '../gates/prompt-evaluations.ts'
import { LearningGovernance } from '../learning-governance.ts'
import type { PromptGate } from '../ports/prompt-gate.ts'
import { PromptGovernor } from '../prompt-governor.ts'
import type { ProposalStatus } from './proposal-rows.ts'

const ada = person('ada')

/** What people read of proposals on any SqlDatabase. Registers its tests. */
export function proposalReadingContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`proposals as people read them on ${title}`, () => {
    let opened: OpenedGovernance
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const newScene = (gates: readonly PromptGate[] = []): Promise<ApprovalScene> =>
      new ApprovalScene(opened.database, 'architect', { gates }).seed()
    const idsOf = async (scene: ApprovalScene, status?: ProposalStatus): Promise<readonly string[]> => {
      const ids: string[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await scene.approvals.list({
          tenantId: scene.tenantId,
          limit: 1,
          ...(status === undefined ? {} : { status }),
          ...(cursor === undefined ? {} : { cursor }),
        })
        ids.push(...page.items.map(({ updateId }) => updateId))
        cursor = page.nextCursor
      }
      return ids
    }

    it('are listed page by page, the newest first, each under what has become of it', async () => {
      const scene = await newScene()
      const rejected = await scene.propose('rejected')
      await scene.approvals.reject({ ...rejected, actor: ada, notes: 'no' })
      await scene.propose('expired')
      await scene.tamper(
        `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
          WHERE tenant_id = $1 AND update_id = 'expired'`,
      )
      await scene.propose('stale')
      const applied = await scene.propose('applied')
      // What has expired is told so before anybody writes it down.
      expect(await idsOf(scene, 'expired')).toEqual(['expired'])
      expect(await idsOf(scene, 'pending')).toEqual(['applied', 'stale'])
      await scene.approvals.expire()
      await scene.approvals.approve({ ...applied, actor: ada })
      expect(await idsOf(scene)).toEqual(['applied', 'stale', 'expired', 'rejected'])
      for (const status of ['applied', 'stale', 'expired', 'rejected'] as const) {
        expect(await idsOf(scene, status)).toEqual([status])
      }
      expect(await idsOf(scene, 'pending')).toEqual([])
      const { items } = await scene.approvals.list({ tenantId: scene.tenantId, status: 'applied' })
      expect(items).toMatchObject([
        { approvals: 1, requiredApprovals: 1, heldBy: null, settled: { by: 'ada' } },
      ])
      expect((await scene.approvals.list({ tenantId: scene.tenantId, agentRole: 'security' })).items).toEqual(
        [],
      )
      expect((await scene.approvals.list({ tenantId: 'another' })).items).toEqual([])
    })

    it('come with both texts side by side, the findings of the gates, evaluations and what others said', async () => {
      const gate: PromptGate = {
        name: 'taste',
        check: async (_tx, { content, base }) => [
          { gate: 'taste', rule: 'bitter', message: `${base?.content} became ${content}` },
        ],
      }
      const scene = await newScene([gate])
      const proposal = await scene.propose('u-1')
      const { tenantId, role: agentRole } = scene
      const { contentSha256 } = proposal
      const learning = new LearningGovernance({ database: opened.database })
      await new PromptEvaluations({ learning }).record({
        tenantId,
        agentRole,
        contentSha256,
        dataset: 'regressions@1',
        result: { kind: 'share', samples: 10, successes: 9 },
        actor: ada,
      })
      const held = await scene.approvals.approve({ ...proposal, actor: ada, notes: 'tastes well' })
      expect(held).toMatchObject({ status: 'held', reason: 'gate_failed' })
      expect(await scene.approvals.dossier(proposal)).toMatchObject({
        proposal: { updateId: 'u-1', status: 'pending', approvals: 1, heldBy: 'gate_failed' },
        words: [{ approver: 'ada', notes: 'tastes well', contentSha256 }],
        base: { version: 1, content: 'be strict' },
        proposed: { version: 2, content: 'be stricter: u-1' },
        difference: {
          rows: [{ kind: 'changed', earlier: { text: 'be strict' }, later: { text: 'be stricter: u-1' } }],
        },
        findings: [{ rule: 'bitter', message: 'be strict became be stricter: u-1' }],
        evaluations: { base: [], proposed: [{ dataset: 'regressions@1', result: { successes: 9 } }] },
      })
      await scene.approvals.reject({ ...proposal, actor: ada, notes: 'after all, no' })
      expect((await scene.approvals.dossier(proposal)).findings).toBeNull()
    })

    it('and words on them are counted by what came of them', async () => {
      const metrics = new RecordingMetrics()
      const scene = await new ApprovalScene(opened.database, 'architect', { metrics }).seed()
      const [one, other] = [await scene.propose(), await scene.propose()]
      await scene.approvals.reject({ ...other, actor: ada, notes: 'no' })
      await scene.approvals.approve({ ...one, actor: ada })
      await expect(scene.approvals.approve({ ...other, actor: ada })).rejects.toMatchObject({
        code: 'LEARNING_ALREADY_DECIDED',
      })
      const counted = (act: string, outcome: string): number =>
        metrics.counterValue(METRICS.learningActs.name, { act, outcome })
      expect([counted('reject', 'rejected'), counted('approve', 'applied')]).toEqual([1, 1])
      expect(counted('approve', 'denied')).toBe(1)
      const governor = new PromptGovernor({
        learning: new LearningGovernance({ database: opened.database, metrics }),
      })
      await governor.seed({ tenantId: scene.tenantId, agentRole: 'tester', content: 'test', actor: ada })
      expect(counted('seed', 'installed')).toBe(1)
    })

    it('that are not there, of another tenant or no proposals, are not found', async () => {
      const scene = await newScene()
      const { updateId } = await scene.propose()
      await scene.tamper(
        `INSERT INTO learning_history (tenant_id, update_id, agent_role, kind, target_version, content_sha256, reason, proposed_by, proposed_by_kind)
         SELECT tenant_id, 'back', agent_role, 'rollback', target_version, content_sha256, reason, proposed_by, proposed_by_kind
           FROM learning_history WHERE tenant_id = $1 LIMIT 1`,
      )
      for (const key of [
        { tenantId: scene.tenantId, updateId: 'none' },
        { tenantId: 'another', updateId },
        { tenantId: scene.tenantId, updateId: 'back' },
      ]) {
        await expect(scene.approvals.dossier(key)).rejects.toMatchObject({
          code: 'LEARNING_UPDATE_NOT_FOUND',
        })
      }
    })
  })
}
