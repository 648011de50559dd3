import type { Actor } from '@golden-arch/core/audit'
import { isGoldenError } from '@golden-arch/core/errors'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApprovalScene, person, SUPERVISOR, withLearningRules } from '../../testing/approval-scene.ts'
import type { OpenedGovernance } from '../../testing/opened-governance.ts'
import type { DecisionCommand } from './person-word.ts'

const ada = person('ada')

interface Attack {
  readonly title: string
  readonly code: string
  /** In SQL nobody says that they are an agent: who may call it answers for that. Default false. */
  readonly isNoPerson?: boolean
  /** Prepares the attack, and gives the word that must be refused. */
  readonly prepare: (scene: ApprovalScene) => Promise<DecisionCommand>
}

const proposed = (title: string, code: string, more: Partial<DecisionCommand>): Attack => ({
  title,
  code,
  prepare: async (scene) => ({ ...(await scene.propose()), actor: ada, ...more }),
})
const posing = (title: string, actor: Actor, code = 'LEARNING_NEEDS_PERSON'): Attack => ({
  ...proposed(title, code, { actor }),
  isNoPerson: actor.kind !== 'human',
})

const ATTACKS: readonly Attack[] = [
  posing('the proposer', SUPERVISOR),
  posing('the proposing service in the guise of a person', person(SUPERVISOR.id), 'LEARNING_SELF_APPROVAL'),
  posing('an agent', { id: 'reviewer-1', kind: 'agent' }),
  posing('an agent under the name of a person', { id: 'ada', kind: 'agent' }),
  posing('a service', { id: 'cron', kind: 'service' }),
  posing("the proposer's id with a blank behind it", person(`${SUPERVISOR.id} `)),
  posing("the proposer's id with a zero-width space in it", person('super\u200bvisor')),
  posing("the proposer's id behind a mark that turns the direction", person(`\u202e${SUPERVISOR.id}`)),
  proposed('a person who saw another content', 'LEARNING_CONTENT_CHANGED', { contentSha256: 'b'.repeat(64) }),
  proposed('a person who gives the hash in capitals', 'LEARNING_CONTENT_CHANGED', {
    contentSha256: 'A'.repeat(64),
  }),
  proposed('a person of another tenant', 'LEARNING_UPDATE_NOT_FOUND', { tenantId: 'elsewhere' }),
  proposed('a person, of what nobody proposed', 'LEARNING_UPDATE_NOT_FOUND', { updateId: 'u-none' }),
  {
    title: 'a person, of a proposal whose base is no longer in force',
    code: 'LEARNING_BASE_CHANGED',
    prepare: async (scene) => {
      const [first, second] = [await scene.propose(), await scene.propose()]
      await scene.approvals.approve({ ...first, actor: ada })
      return { ...second, actor: ada }
    },
  },
  {
    title: 'a person, where somebody moved the label by hand',
    code: 'LEARNING_BASE_CHANGED',
    prepare: async (scene) => {
      const [first, second] = [await scene.propose(), await scene.propose()]
      await scene.tamper('UPDATE prompt_labels SET version = 2 WHERE tenant_id = $1')
      return { ...(first.updateId < second.updateId ? first : second), actor: ada }
    },
  },
  {
    title: 'a person, of a proposal that has expired',
    code: 'LEARNING_EXPIRED',
    prepare: async (scene) => {
      const proposal = await scene.propose()
      await scene.tamper(
        `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
          WHERE tenant_id = $1 AND status = 'pending'`,
      )
      return { ...proposal, actor: ada }
    },
  },
  {
    title: 'a second person, of what another has decided',
    code: 'LEARNING_ALREADY_DECIDED',
    prepare: async (scene) => {
      const proposal = await scene.propose()
      await scene.approvals.approve({ ...proposal, actor: person('bob') })
      return { ...proposal, actor: ada }
    },
  },
  {
    title: 'a second person, of what was applied and rolled back',
    code: 'LEARNING_ALREADY_DECIDED',
    prepare: async (scene) => {
      const proposal = await scene.propose()
      await scene.approvals.approve({ ...proposal, actor: person('bob') })
      await rollBack(scene, 1)
      return { ...proposal, actor: ada }
    },
  },
  {
    title: 'a person, of a proposal for a version that was rolled back since',
    code: 'LEARNING_BASE_CHANGED',
    prepare: async (scene) => {
      await scene.approvals.approve({ ...(await scene.propose()), actor: ada })
      await scene.tamper(
        `UPDATE learning_history SET applied_at = applied_at - interval '30 days' WHERE tenant_id = $1 AND applied_at IS NOT NULL`,
      )
      const proposal = await scene.propose()
      await rollBack(scene, 1)
      return { ...proposal, actor: ada }
    },
  },
  {
    title: 'a person, of a change that broke the glass',
    code: 'LEARNING_ALREADY_DECIDED',
    prepare: async (scene) => {
      const { tenantId, role: agentRole } = scene
      const glass = { tenantId, agentRole, updateId: 'b-1', content: 'stop', reason: 'harm' }
      await scene.approvals.breakGlass({ ...glass, actor: person('bob') })
      const { history } = await scene.record()
      return { tenantId, updateId: 'b-1', contentSha256: String(history[1]?.content_sha256), actor: ada }
    },
  },
]

async function rollBack(scene: ApprovalScene, toVersion: number): Promise<void> {
  const { tenantId, role: agentRole } = scene
  const rollback = { tenantId, agentRole, updateId: 'r-1', toVersion, reason: 'worse' }
  await scene.governor.rollback({ ...rollback, actor: person('bob') })
}

/** Who may not approve or reject, and what nobody may, on any SqlDatabase. Registers its tests. */
export function approvalAttacksContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`attacks on approvals on ${title}`, () => {
    let opened: OpenedGovernance
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const codeOf = async (asked: Promise<unknown>): Promise<unknown> =>
      asked.then(
        () => 'taken',
        (error: unknown) => (isGoldenError(error) ? error.code : error),
      )
    const codeInSql = async (act: string, word: DecisionCommand): Promise<unknown> => {
      const { rows } = await opened.database.query<{ code: string | null }>(
        `SELECT code FROM ${act}_prompt_update($1, $2, $3, $4, $5)`,
        [word.updateId, word.actor.id, word.notes ?? null, word.tenantId, word.contentSha256],
      )
      return rows[0]?.code
    }

    for (const { title: who, code, prepare, isNoPerson = false } of ATTACKS) {
      const ways = isNoPerson ? (['class'] as const) : (['class', 'SQL'] as const)
      const cases = ways.flatMap((way) => [
        { way, act: 'approve' as const },
        { way, act: 'reject' as const },
      ])
      it.each(cases)(
        `${who}: $act by $way is refused and recorded, and changes nothing`,
        async ({ way, act }) => {
          const scene = await new ApprovalScene(opened.database).seed()
          const word = await prepare(scene)
          const before = await scene.record()
          const asked = way === 'class' ? codeOf(scene.approvals[act](word)) : codeInSql(act, word)
          expect(await asked).toBe(code)
          const after = await scene.record()
          expect(after.versionInForce).toBe(before.versionInForce)
          expect(after.approvals).toEqual(before.approvals)
          const settled = (one: Record<string, unknown>): boolean =>
            one.status !== 'expired' && one.status !== 'stale'
          expect(after.history.filter(settled)).toEqual(
            before.history.filter((_one, index) => settled(after.history[index] ?? {})),
          )
          const { rows } = await opened.database.query<{ details: unknown }>(
            `SELECT details FROM audit_log WHERE tenant_id = $1 AND actor = $2 AND actor_kind = $3 AND action = $4
              AND outcome = 'denied' AND details ->> 'updateId' = $5 AND details ->> 'code' = $6`,
            [word.tenantId, word.actor.id, word.actor.kind, `prompt.${act}`, word.updateId, code],
          )
          expect(rows.length).toBeGreaterThanOrEqual(1)
          await scene.approvals.applyDue()
          expect((await scene.record()).versionInForce).toBe(before.versionInForce)
        },
      )
    }

    it('a person without notes, or with blank ones, is refused where the role wants them', async () => {
      const scene = await new ApprovalScene(opened.database, 'security').seed()
      const proposal = await scene.propose()
      for (const notes of [undefined, '', ' \t\n', '\u200b \u00a0'] as const) {
        const word = { ...proposal, actor: ada, ...(notes === undefined ? {} : { notes }) }
        for (const act of ['approve', 'reject'] as const)
          await expect(scene.approvals[act](word)).rejects.toMatchObject({ code: 'LEARNING_NOTES_REQUIRED' })
      }
      expect((await scene.record()).audit.filter((one) => one.outcome === 'denied')).toHaveLength(8)
      expect(
        await scene.approvals.approve({ ...proposal, actor: ada, notes: 'read it twice' }),
      ).toMatchObject({
        status: 'applied',
      })
    })

    it('one person under ids that look alike is as many people as there are ids: who signs them in answers for it', async () => {
      await withLearningRules(opened.database, 'required_approvals = 2', async () => {
        const scene = await new ApprovalScene(opened.database).seed()
        const proposal = await scene.propose()
        expect(await scene.approvals.approve({ ...proposal, actor: ada })).toMatchObject({
          status: 'counted',
        })
        const other = await scene.approvals.approve({ ...proposal, actor: person('\u0430da') })
        expect(other).toMatchObject({ status: 'applied', approvals: 2 })
      })
    })

    it('an approval written into the table for the proposer, or for another content, counts nothing', async () => {
      const scene = await new ApprovalScene(opened.database).seed()
      const { updateId, contentSha256 } = await scene.propose()
      await scene.tamper(
        `INSERT INTO learning_approvals (tenant_id, update_id, approver, content_sha256)
         VALUES ($1, $2, 'supervisor', $3), ($1, $2, 'eve', $4)`,
        [updateId, contentSha256, 'b'.repeat(64)],
      )
      await scene.approvals.applyDue()
      expect((await scene.record()).versionInForce).toBe(1)
      expect(await scene.approvals.countPending({ tenantId: scene.tenantId })).toBe(1)
    })

    it('a proposal whose row was turned to another version applies neither', async () => {
      const scene = await new ApprovalScene(opened.database).seed()
      const [first, second] = [await scene.propose(), await scene.propose()]
      await scene.tamper(
        'UPDATE learning_history SET target_version = 3 WHERE tenant_id = $1 AND update_id = $2',
        [first.updateId],
      )
      const outcome = await scene.approvals.approve({ ...first, actor: ada })
      expect(outcome).toMatchObject({ status: 'held', findings: [{ rule: 'content-differs' }] })
      expect((await scene.record()).versionInForce).toBe(1)
      expect(second.updateId).not.toBe(first.updateId)
    })

    it.each<[string, object]>([
      ['notes', { notes: 'x'.repeat(4001) }],
      ['notes', { notes: 'nul \0' }],
      ['actor.id', { actor: { id: '', kind: 'human' } }],
      ['updateId', { updateId: '' }],
      ['tenantId', { tenantId: 'x'.repeat(129) }],
      ['contentSha256', { contentSha256: '' }],
    ])('what is no word at all is an error of the caller, by its %s', async (option, broken) => {
      const scene = new ApprovalScene(opened.database)
      const word = { tenantId: scene.tenantId, updateId: 'u', contentSha256: 'a', actor: ada, ...broken }
      await expect(scene.approvals.approve(word)).rejects.toEqual(invalidOption(option))
    })
  })
}
