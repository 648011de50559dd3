import { isGoldenError } from '@golden-arch/core/errors'
import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApprovalScene, person, withLearningRules } from '../../testing/approval-scene.ts'
import { type OpenedGovernance, openOnPostgres } from '../../testing/opened-governance.ts'
import type { DecisionCommand } from './person-word.ts'

const PEOPLE = Array.from({ length: 20 }, (_one, index) => person(`person-${index}`))

describeWithService('postgres', 'many people at once', (address) => {
  let opened: OpenedGovernance
  beforeAll(async () => {
    opened = await openOnPostgres(address)
  })
  afterAll(() => opened.close())

  // Twenty take turns, however slow each of them is.
  const newScene = (): Promise<ApprovalScene> =>
    new ApprovalScene(opened.database, 'architect', { lockTimeoutMs: 100_000 }).seed()
  /** The answer, or the code of the refusal. */
  const answerOf = async (asked: Promise<{ readonly status: string }>): Promise<string> =>
    asked.then(
      ({ status }) => status,
      (error: unknown) => {
        if (isGoldenError(error)) return error.code
        throw error
      },
    )
  const tallyOf = (answers: readonly string[]): Readonly<Record<string, number>> =>
    Object.fromEntries(
      [...new Set(answers)].sort().map((one) => [one, answers.filter((a) => a === one).length]),
    )
  const appliedOnce = async (scene: ApprovalScene): Promise<void> => {
    const { events, audit, history } = await scene.record()
    expect(events.filter((one) => one.data.kind === 'update')).toHaveLength(1)
    expect(audit.filter((one) => one.action === 'prompt.update')).toHaveLength(1)
    expect(history.filter((one) => one.kind === 'update' && one.status === 'applied')).toHaveLength(1)
  }

  it('who approve one proposal apply it once, and the others are told who decided', async () => {
    const scene = await newScene()
    const proposal = await scene.propose()
    const answers = await Promise.all(
      PEOPLE.map((actor) => answerOf(scene.approvals.approve({ ...proposal, actor }))),
    )
    expect(tallyOf(answers)).toEqual({ LEARNING_ALREADY_DECIDED: 19, applied: 1 })
    await appliedOnce(scene)
    const after = await scene.record()
    expect(after.approvals).toHaveLength(1)
    expect(after.audit.filter((one) => one.outcome === 'denied')).toHaveLength(19)
  })

  it('of whom five are wanted count five and apply it once', async () => {
    await withLearningRules(opened.database, 'required_approvals = 5', async () => {
      const scene = await newScene()
      const proposal = await scene.propose()
      // Each twice, as impatient people do.
      const answers = await Promise.all(
        [...PEOPLE, ...PEOPLE].map((actor) => answerOf(scene.approvals.approve({ ...proposal, actor }))),
      )
      expect(answers.filter((one) => one === 'LEARNING_ALREADY_DECIDED')).toHaveLength(30)
      await appliedOnce(scene)
      expect((await scene.record()).approvals).toHaveLength(5)
    })
  })

  it('who approve as many proposals for one version apply one, and the others fall', async () => {
    const scene = await newScene()
    const proposals = []
    for (let index = 0; index < 8; index++) proposals.push(await scene.propose())
    const answers = await Promise.all(
      proposals.map((one) => answerOf(scene.approvals.approve({ ...one, actor: person('ada') }))),
    )
    expect(tallyOf(answers)).toEqual({ LEARNING_BASE_CHANGED: 7, applied: 1 })
    await appliedOnce(scene)
    expect(await scene.approvals.countPending({ tenantId: scene.tenantId })).toBe(0)
  })

  it('of whom one approves and one rejects are heard one of them', async () => {
    const scene = await newScene()
    for (let round = 0; round < 6; round++) {
      const proposal = await scene.propose(`u-${round}`)
      const word = (name: string): DecisionCommand => ({ ...proposal, actor: person(name) })
      const turns = [
        () => answerOf(scene.approvals.approve(word('ada'))),
        () => answerOf(scene.approvals.reject(word('bob'))),
      ]
      const answers = await Promise.all((round % 2 === 0 ? turns : turns.reverse()).map((turn) => turn()))
      const { history, versionInForce } = await scene.record()
      const row = history.find((one) => one.update_id === proposal.updateId)
      const isApplied = row?.status === 'applied'
      expect(tallyOf(answers)).toEqual({
        LEARNING_ALREADY_DECIDED: 1,
        [isApplied ? 'applied' : 'rejected']: 1,
      })
      expect(versionInForce === row?.target_version).toBe(isApplied)
      // The next round is another day.
      await scene.tamper(
        `UPDATE learning_history SET applied_at = applied_at - interval '30 days'
          WHERE tenant_id = $1 AND applied_at IS NOT NULL`,
      )
    }
  })

  it('in SQL and in the classes, with loops that apply at once, apply it once', async () => {
    await withLearningRules(opened.database, 'required_approvals = 3', async () => {
      const scene = await newScene()
      const proposal = await scene.propose()
      const bySql = (name: string): Promise<unknown> =>
        opened.database.query('SELECT * FROM approve_prompt_update($1, $2, NULL, $3)', [
          proposal.updateId,
          name,
          scene.tenantId,
        ])
      await Promise.all([
        ...PEOPLE.slice(0, 6).map(({ id }) => bySql(id)),
        ...PEOPLE.slice(6, 12).map((actor) => answerOf(scene.approvals.approve({ ...proposal, actor }))),
        ...Array.from({ length: 4 }, () => scene.approvals.applyDue()),
      ])
      await Promise.all(Array.from({ length: 4 }, () => scene.approvals.applyDue()))
      await appliedOnce(scene)
      expect((await scene.record()).versionInForce).toBe(2)
    })
  })

  it('break the glass under one id break it once', async () => {
    const scene = await newScene()
    const glass = {
      tenantId: scene.tenantId,
      updateId: 'glass',
      agentRole: scene.role,
      content: 'stop',
    } as const
    const command = { ...glass, reason: 'harm', actor: person('ada'), expiresInMs: 3_600_000 }
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => scene.approvals.breakGlass(command)))
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0])
    await scene.tamper(
      `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
        WHERE tenant_id = $1 AND kind = 'break-glass'`,
    )
    await Promise.all(Array.from({ length: 6 }, () => scene.approvals.watchBreakGlass()))
    expect((await scene.record()).history.map((one) => one.kind)).toEqual(['seed', 'break-glass', 'rollback'])
  })

  it('end broken glass on broken glass at once, and what was before both is back, once', async () => {
    const scene = await newScene()
    const { tenantId, role: agentRole } = scene
    for (const content of ['stop', 'stop at once']) {
      const glass = { tenantId, agentRole, updateId: content, content, reason: 'harm', actor: person('ada') }
      await scene.approvals.breakGlass({ ...glass, expiresInMs: 3_600_000 })
    }
    await scene.tamper(
      `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
        WHERE tenant_id = $1 AND kind = 'break-glass'`,
    )
    await Promise.all(Array.from({ length: 6 }, () => scene.approvals.watchBreakGlass()))
    const { history, versionInForce } = await scene.record()
    expect(versionInForce).toBe(1)
    expect(history.map((one) => one.kind)).toEqual(['seed', 'break-glass', 'break-glass', 'rollback'])
  })
})
