import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { ada, type LearningScene, learner, watcher } from '../testing/learning-scene.ts'
import { PromptApprovals } from './approvals/prompt-approvals.ts'
import { LearningGovernance } from './learning-governance.ts'
import type { PromptRollback } from './roll-back-prompt.ts'

/** What rollbacks and first prompts do. Registers its tests. */
export function rollingBackContract(sceneOf: () => LearningScene): void {
  const back = (tenantId: string, toVersion: number, more: Partial<PromptRollback> = {}): PromptRollback => ({
    tenantId,
    updateId: randomName('back'),
    agentRole: 'developer',
    toVersion,
    reason: 'worse than before',
    actor: ada,
    ...more,
  })
  /** A tenant whose developers have versions 1 and 2, the second one applied just now. */
  const twoVersions = async (scene: LearningScene): Promise<string> => {
    const tenantId = randomName('t')
    await scene.governor.seed({ tenantId, agentRole: 'developer', content: 'one', actor: ada })
    await scene.governor.propose(scene.proposalFor(tenantId, { content: 'two' }))
    return tenantId
  }
  const freeze = (scene: LearningScene, tenantId: string): Promise<unknown> =>
    scene.database.query(
      "INSERT INTO learning_freezes (tenant_id, agent_role, reason) VALUES ($1, 'developer', 'by hand')",
      [tenantId],
    )

  describe('a rollback', () => {
    it('puts a former version in force within the cooldown, uses up no limit, and starts the cooldown', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      const rollback = back(tenantId, 1)
      const done = await scene.governor.rollback(rollback)
      expect(done).toMatchObject({ version: 1, isFrozen: false })
      expect(await scene.registry.findCurrent(rollback)).toMatchObject({ version: 1, content: 'one' })
      expect(await scene.governor.status({ tenantId, agentRole: 'developer' })).toMatchObject([
        { status: 'cooldown_active', updatesToday: 1, lastUpdateAt: done.appliedAt, version: 1 },
      ])
      const facts = { kind: 'rollback', version: 1, previousVersion: 2, reason: 'worse than before' }
      expect((await scene.entries(tenantId)).at(-1)).toMatchObject({
        actor: 'ada',
        action: 'prompt.rollback',
        outcome: 'allowed',
        details: facts,
      })
      expect((await scene.events(tenantId)).at(-1)).toMatchObject({ type: 'prompt.changed', data: facts })
    })

    it('asked again is told and not done again; with any other fact it is a conflict', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      const rollback = back(tenantId, 1)
      const done = await scene.governor.rollback(rollback)
      expect(await scene.governor.rollback(rollback)).toEqual(done)
      for (const other of [
        { toVersion: 2 },
        { reason: 'another' },
        { actor: learner },
        { agentRole: 'tester' } as const,
      ]) {
        await expect(scene.governor.rollback({ ...rollback, ...other })).rejects.toMatchObject({
          code: 'LEARNING_UPDATE_CONFLICT',
        })
      }
      const proposal = scene.proposalFor(tenantId, { updateId: rollback.updateId })
      await expect(scene.governor.propose(proposal)).rejects.toMatchObject({
        code: 'LEARNING_UPDATE_CONFLICT',
      })
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 2, history: 3 })
    })

    it('goes only to a version of the tenant that was in force and is not; all else is refused and audited', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      await freeze(scene, tenantId)
      await scene.age(tenantId, 3)
      expect(await scene.governor.propose(scene.proposalFor(tenantId))).toMatchObject({ status: 'pending' })
      for (const [rollback, code, named] of [
        [back(tenantId, 2), 'LEARNING_VERSION_IN_FORCE', 'version'],
        [back(tenantId, 3), 'LEARNING_VERSION_NOT_FOUND', 'version 3 of the prompt for developer'],
        [back(tenantId, 99), 'LEARNING_VERSION_NOT_FOUND', 'version 99 of the prompt for developer'],
        [back(tenantId, 1, { agentRole: 'tester' }), 'LEARNING_VERSION_NOT_FOUND', 'for tester'],
        // A caller without types may name any role.
        [back(tenantId, 1, { agentRole: 'janitor' as 'tester' }), 'LEARNING_UNKNOWN_ROLE', 'janitor'],
      ] as const) {
        const refused = { code, message: expect.stringContaining(named) }
        await expect(scene.governor.rollback(rollback)).rejects.toMatchObject(refused)
        expect((await scene.entries(tenantId)).at(-1)).toMatchObject({
          action: 'prompt.rollback',
          outcome: 'denied',
          details: { code, updateId: rollback.updateId },
        })
      }
      const stranger = randomName('t')
      await expect(scene.governor.rollback(back(stranger, 1))).rejects.toMatchObject({
        code: 'LEARNING_VERSION_NOT_FOUND',
      })
      for (const bad of [
        { toVersion: 0 },
        { toVersion: 1.5 },
        { expectedVersion: 0 },
        { reason: '' },
        { updateId: '' },
      ]) {
        const [option] = Object.keys(bad)
        await expect(scene.governor.rollback(back(tenantId, 1, bad))).rejects.toEqual(invalidOption(option))
      }
      expect(await scene.registry.findCurrent(back(tenantId, 1))).toMatchObject({ version: 2 })
    })

    it('of another version than the one in force moves nothing, and is audited', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      const late = back(tenantId, 1, { expectedVersion: 3 })
      await expect(scene.governor.rollback(late)).rejects.toMatchObject({
        code: 'LEARNING_BASE_CHANGED',
        message: 'version 2 is in force, not 3',
      })
      expect((await scene.entries(tenantId)).at(-1)).toMatchObject({
        action: 'prompt.rollback',
        outcome: 'denied',
        details: { code: 'LEARNING_BASE_CHANGED' },
      })
      const done = await scene.governor.rollback({ ...late, expectedVersion: 2 })
      expect(done).toMatchObject({ version: 1 })
      // Asked again it is told, though the version that it left is no longer in force.
      expect(await scene.governor.rollback({ ...late, expectedVersion: 2 })).toEqual(done)
    })

    it('lets the proposals for the version before fall, and ends the trial against it', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      await freeze(scene, tenantId)
      await scene.age(tenantId, 3)
      const waiting = scene.proposalFor(tenantId)
      expect(await scene.governor.propose(waiting)).toMatchObject({ status: 'pending', version: 3 })
      const elsewhere = scene.proposalFor(tenantId, { agentRole: 'security' })
      await scene.governor.propose(elsewhere)
      await scene.database.query(
        `INSERT INTO prompt_labels (tenant_id, agent_role, label, version, share_milli) VALUES ($1, 'developer', 'canary', 3, 100)`,
        [tenantId],
      )
      await scene.governor.rollback(back(tenantId, 1))
      expect(await scene.governor.propose(waiting)).toEqual({ status: 'stale', version: 3 })
      expect(await scene.governor.propose(elsewhere)).toMatchObject({ status: 'pending' })
      const { rows } = await scene.database.query('SELECT label FROM prompt_labels WHERE tenant_id = $1', [
        tenantId,
      ])
      expect(rows).toEqual([{ label: 'production' }])
      expect((await scene.events(tenantId)).at(-1)).toMatchObject({
        data: { staleUpdateIds: [waiting.updateId], endedCanary: 3 },
      })
    })

    it('that is the second in 24 hours freezes the role: its updates wait for people, further rollbacks do not', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      expect(await scene.governor.rollback(back(tenantId, 1))).toMatchObject({ isFrozen: false })
      await scene.age(tenantId, 23)
      const second = back(tenantId, 2)
      expect(await scene.governor.rollback(second)).toMatchObject({ isFrozen: true })
      expect(await scene.governor.rollback(second)).toMatchObject({ isFrozen: true })
      expect((await scene.entries(tenantId)).slice(-2)).toMatchObject([
        { action: 'prompt.rollback' },
        {
          actor: 'ada',
          action: 'prompt.freeze',
          details: { reason: 'rolled back 2 times within 24 hours' },
        },
      ])
      expect((await scene.events(tenantId)).at(-1)).toMatchObject({ type: 'prompt.frozen' })
      expect(await scene.governor.rollback(back(tenantId, 1))).toMatchObject({ isFrozen: true })
      await scene.age(tenantId, 3)
      expect(await scene.governor.status({ tenantId, agentRole: 'developer' })).toMatchObject([
        { status: 'requires_approval', isFrozen: true },
      ])
      expect(await scene.governor.propose(scene.proposalFor(tenantId))).toMatchObject({ status: 'pending' })
      const frozen = await scene.database.query('SELECT 1 FROM learning_freezes WHERE tenant_id = $1', [
        tenantId,
      ])
      expect(frozen.rowCount).toBe(1)
      await scene.database.query(
        "UPDATE learning_freezes SET acknowledged_by = 'ada', acknowledged_at = clock_timestamp() WHERE tenant_id = $1",
        [tenantId],
      )
      expect(await scene.governor.propose(scene.proposalFor(tenantId))).toMatchObject({ status: 'applied' })
    })

    it('24 hours after the one before freezes nothing', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      await scene.governor.rollback(back(tenantId, 1))
      await scene.age(tenantId, 24)
      expect(await scene.governor.rollback(back(tenantId, 2))).toMatchObject({ isFrozen: false })
    })
  })

  describe('a rollback by an agent or a service', () => {
    /** Another version, put in force by a proposal, however young the last change is. */
    const learn = async (scene: LearningScene, tenantId: string, content: string, actor = learner) => {
      await scene.age(tenantId, 3)
      const decision = await scene.governor.propose(scene.proposalFor(tenantId, { content, actor }))
      expect(decision).toMatchObject({ status: 'applied' })
    }
    const inForce = async (scene: LearningScene, tenantId: string) =>
      (await scene.registry.findCurrent({ tenantId, agentRole: 'developer' }))?.version
    const needsPerson = { code: 'LEARNING_NEEDS_PERSON', retryable: false }

    it('never brings back what a person took out of force, frozen or not; the person may', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      await scene.governor.rollback(back(tenantId, 1))
      for (const actor of [learner, watcher]) {
        await expect(scene.governor.rollback(back(tenantId, 2, { actor }))).rejects.toMatchObject({
          ...needsPerson,
          message: expect.stringContaining(actor.id),
        })
        expect((await scene.entries(tenantId)).at(-1)).toMatchObject({
          actor: actor.id,
          action: 'prompt.rollback',
          outcome: 'denied',
          details: { code: 'LEARNING_NEEDS_PERSON', toVersion: 2 },
        })
      }
      // What was refused is no rollback: it does not freeze the role.
      expect(await scene.governor.status({ tenantId, agentRole: 'developer' })).toMatchObject([
        { isFrozen: false, version: 1 },
      ])
      await freeze(scene, tenantId)
      const again = back(tenantId, 2, { actor: learner, expectedVersion: 1 })
      await expect(scene.governor.rollback(again)).rejects.toMatchObject(needsPerson)
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 2, history: 3 })
      expect(await scene.governor.rollback(back(tenantId, 2))).toMatchObject({ version: 2 })
    })

    it('at once with that of the person does not win, whoever comes first', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      const asked = [ada, learner, learner, learner].map((actor, index) =>
        scene.governor.rollback(back(tenantId, index === 0 ? 1 : 2, { actor })),
      )
      const told = await Promise.allSettled(asked)
      expect(told.map(({ status }) => status)).toEqual(['fulfilled', ...Array(3).fill('rejected')])
      expect(await inForce(scene, tenantId)).toBe(1)
    })

    it('steps back over what was learnt, by one version and by more, in a frozen role too', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      for (const content of ['three', 'four']) await learn(scene, tenantId, content)
      expect(await scene.governor.rollback(back(tenantId, 3, { actor: learner }))).toMatchObject({
        version: 3,
      })
      await freeze(scene, tenantId)
      const further = back(tenantId, 1, { actor: learner })
      const done = await scene.governor.rollback(further)
      expect(done).toMatchObject({ version: 1, isFrozen: true })
      // Asked again it is told, though by now it would lead nowhere.
      expect(await scene.governor.rollback(further)).toEqual(done)
      for (const version of [2, 3, 4]) {
        const forth = back(tenantId, version, { actor: learner })
        await expect(scene.governor.rollback(forth)).rejects.toMatchObject(needsPerson)
      }
    })

    it('goes by what was in force when, not by the numbers of versions', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      await learn(scene, tenantId, 'three')
      await scene.governor.rollback(back(tenantId, 1))
      // Version 3 is learnt again, on version 1; version 2 was left for good, though its number is smaller.
      await learn(scene, tenantId, 'three')
      const left = back(tenantId, 2, { actor: learner })
      await expect(scene.governor.rollback(left)).rejects.toMatchObject(needsPerson)
      // The text of version 1 is learnt again, on version 3: a step back leads to the greater number.
      await learn(scene, tenantId, 'one')
      expect(await scene.governor.rollback(back(tenantId, 3, { actor: learner }))).toMatchObject({
        version: 3,
      })
      expect(await scene.governor.rollback(back(tenantId, 1, { actor: learner }))).toMatchObject({
        version: 1,
      })
    })

    it('leaves what a person put in force to people and services', async () => {
      const scene = sceneOf()
      for (const put of [
        (tenantId: string) => learn(scene, tenantId, 'three', ada),
        (tenantId: string) => {
          const learning = new LearningGovernance({ database: scene.database })
          const approvals = new PromptApprovals({ learning })
          const glass = { tenantId, updateId: randomName('g'), agentRole: 'developer' } as const
          return approvals.breakGlass({ ...glass, content: 'three', reason: 'it does harm', actor: ada })
        },
      ]) {
        const tenantId = await twoVersions(scene)
        await put(tenantId)
        for (const version of [1, 2]) {
          const refused = scene.governor.rollback(back(tenantId, version, { actor: learner }))
          await expect(refused).rejects.toMatchObject({
            ...needsPerson,
            message: expect.stringContaining('a person put version 3 in force'),
          })
        }
        expect(await scene.governor.rollback(back(tenantId, 2, { actor: watcher }))).toMatchObject({
          version: 2,
        })
      }
      const tenantId = await twoVersions(scene)
      await scene.governor.rollback(back(tenantId, 1))
      await scene.governor.rollback(back(tenantId, 2))
      const undone = back(tenantId, 1, { actor: learner })
      await expect(scene.governor.rollback(undone)).rejects.toMatchObject(needsPerson)
      expect(await scene.governor.rollback({ ...undone, actor: watcher })).toMatchObject({ version: 1 })
    })

    it('from a version that was put in force by hand waits for a person: what was before it is not known', async () => {
      const scene = sceneOf()
      const tenantId = await twoVersions(scene)
      await scene.database.query(
        "UPDATE prompt_labels SET version = 1 WHERE tenant_id = $1 AND agent_role = 'developer'",
        [tenantId],
      )
      const forth = back(tenantId, 2, { actor: watcher })
      await expect(scene.governor.rollback(forth)).rejects.toMatchObject(needsPerson)
      await learn(scene, tenantId, 'three')
      await expect(scene.governor.rollback(forth)).rejects.toMatchObject(needsPerson)
      expect(await scene.governor.rollback(back(tenantId, 1, { actor: learner }))).toMatchObject({
        version: 1,
      })
    })
  })

  describe('a first prompt', () => {
    it('is installed once by a person or a service, uses up no limit, and stays what was learnt since', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const service = { id: 'server', kind: 'service' } as const
      const seed = { tenantId, agentRole: 'developer', content: 'one', actor: service } as const
      expect(await scene.governor.seed(seed)).toEqual({ status: 'installed', version: 1 })
      expect(await scene.governor.seed(seed)).toEqual({ status: 'present', version: 1 })
      expect(await scene.governor.status({ tenantId, agentRole: 'developer' })).toMatchObject([
        { status: 'can_auto_update', updatesToday: 0, lastUpdateAt: null, version: 1 },
      ])
      await scene.governor.propose(scene.proposalFor(tenantId))
      expect(await scene.governor.seed({ ...seed, content: 'new' })).toEqual({
        status: 'present',
        version: 2,
      })
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 2, history: 2 })
      const actions = (await scene.entries(tenantId)).map(({ action }) => action)
      expect(actions).toEqual(['prompt.seed', 'prompt.update'])
      expect(await scene.governor.rollback(back(tenantId, 1))).toMatchObject({ version: 1 })
    })

    it('that several processes bring along at once is installed once', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const seeded = await Promise.all(
        ['one', 'two', 'three'].map((content) =>
          scene.governor.seed({ tenantId, agentRole: 'security', content, actor: ada }),
        ),
      )
      expect(seeded.map(({ status }) => status).sort()).toEqual(['installed', 'present', 'present'])
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 1, history: 1 })
    })

    it('is never installed by an agent, which is audited', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const seed = { tenantId, agentRole: 'developer', content: 'mine', actor: learner } as const
      await expect(scene.governor.seed(seed)).rejects.toMatchObject({
        code: 'LEARNING_NEEDS_PERSON',
        message: expect.stringContaining(learner.id),
      })
      // A caller without types may name any role.
      const unknown = { ...seed, actor: ada, agentRole: 'janitor' as 'tester' }
      await expect(scene.governor.seed(unknown)).rejects.toMatchObject({
        code: 'LEARNING_UNKNOWN_ROLE',
        message: expect.stringContaining('janitor'),
      })
      expect(await scene.entries(tenantId)).toMatchObject([
        { action: 'prompt.seed', outcome: 'denied', details: { code: 'LEARNING_NEEDS_PERSON' } },
        { action: 'prompt.seed', outcome: 'denied', details: { code: 'LEARNING_UNKNOWN_ROLE' } },
      ])
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 0, history: 0 })
    })
  })
}
