import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { ada, type LearningScene, learner, supervisor } from '../testing/learning-scene.ts'
import { sizeOfChange } from './gates/size-of-change.ts'
import type { GateFinding, PromptCandidate, PromptGate } from './ports/prompt-gate.ts'
import { contentSha256 } from './prompt-content.ts'

/** What proposals do. Registers its tests. */
export function proposingContract(sceneOf: () => LearningScene): void {
  describe('a proposal', () => {
    it('for a role that learns by itself is in force at once, with its audit entry and its event', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const proposal = scene.proposalFor(tenantId, { details: { failures: ['f-1'] } })
      const decision = await scene.governor.propose(proposal)
      expect(decision).toMatchObject({ status: 'applied', version: 1 })
      expect(await scene.registry.findCurrent(proposal)).toMatchObject({
        version: 1,
        content: proposal.content,
        contentSha256: contentSha256(proposal.content),
        createdBy: 'supervisor-1',
      })
      const facts = {
        updateId: proposal.updateId,
        kind: 'update',
        version: 1,
        previousVersion: null,
        reason: 'they fail less',
        contentSha256: contentSha256(proposal.content),
      }
      expect(await scene.entries(tenantId)).toMatchObject([
        { actor: 'supervisor-1', action: 'prompt.update', outcome: 'allowed', details: facts },
      ])
      expect(await scene.events(tenantId)).toMatchObject([
        { type: 'prompt.changed', data: { agentRole: 'developer', settledBy: null, ...facts } },
      ])
      const { items } = await scene.registry.listChanges(proposal)
      expect(items).toMatchObject([{ status: 'applied', settled: null, details: { failures: ['f-1'] } }])
    })

    it('for a role that people watch over waits for them, and changes nothing yet', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const proposal = scene.proposalFor(tenantId, { agentRole: 'security' })
      const decision = await scene.governor.propose(proposal)
      if (decision.status !== 'pending') throw new Error(decision.status)
      const { items } = await scene.registry.listChanges(proposal)
      expect(items).toMatchObject([{ status: 'pending', targetVersion: 1, expiresAt: decision.expiresAt }])
      const waitsMs = decision.expiresAt.getTime() - (items[0]?.proposedAt.getTime() ?? 0)
      expect(waitsMs).toBe(168 * 3_600_000)
      expect(await scene.registry.findCurrent(proposal)).toBeUndefined()
      const details = {
        ...{ updateId: proposal.updateId, version: 1, baseVersion: null, reason: 'they fail less' },
        ...{ contentSha256: contentSha256(proposal.content), expiresAt: decision.expiresAt.toISOString() },
      }
      expect(await scene.entries(tenantId)).toMatchObject([
        { actor: 'supervisor-1', action: 'prompt.propose', outcome: 'allowed', details },
      ])
      expect(await scene.events(tenantId)).toMatchObject([
        { type: 'prompt.proposed', data: { agentRole: 'security', proposedBy: 'supervisor-1', ...details } },
      ])
      expect(await scene.governor.propose(proposal)).toEqual(decision)
    })

    it('of an agent is no first prompt: it waits for people or is refused, whatever gates say, and is audited', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const governor = scene.governorWith({ gates: [sizeOfChange({ maxAddedCharacters: 1 })] })
      const proposal = scene.proposalFor(tenantId, { actor: learner, expectedBaseVersion: null })
      await expect(governor.propose(proposal)).rejects.toMatchObject({
        code: 'LEARNING_NEEDS_PERSON',
        message: expect.stringContaining(learner.id),
      })
      expect(await scene.registry.findCurrent(proposal)).toBeUndefined()
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 0, history: 0 })
      expect(await scene.entries(tenantId)).toMatchObject([
        { action: 'prompt.propose', outcome: 'denied', details: { code: 'LEARNING_NEEDS_PERSON' } },
      ])
      const waiting = scene.proposalFor(tenantId, { actor: learner, agentRole: 'architect' })
      expect(await governor.propose(waiting)).toMatchObject({ status: 'pending', version: 1 })
      for (const actor of [ada, supervisor]) {
        const first = scene.proposalFor(randomName('t'), { actor })
        expect(await governor.propose(first)).toMatchObject({ status: 'applied', version: 1 })
        const counted = { updatesToday: 1, cooldownActive: true }
        expect(await governor.status({ tenantId: first.tenantId })).toContainEqual(
          expect.objectContaining({ agentRole: 'developer', ...counted }),
        )
      }
      // Once there is one, the agent may propose, and is asked what the gates ask.
      await governor.seed({ tenantId, agentRole: 'developer', content: 'one', actor: ada })
      const { expectedBaseVersion: _none, ...later } = proposal
      expect(await governor.propose(later)).toMatchObject({ status: 'refused', reason: 'gate_failed' })
      expect(await governor.propose({ ...later, content: 'one.' })).toMatchObject({ status: 'applied' })
    })

    it('whose signal has fired is not made', async () => {
      const scene = sceneOf()
      const proposal = scene.proposalFor(randomName('t'))
      const proposed = scene.governor.propose(proposal, { signal: AbortSignal.abort('enough') })
      await expect(proposed).rejects.toMatchObject({ code: 'ABORTED' })
      expect((await scene.registry.listChanges(proposal)).items).toEqual([])
    })

    it('made again is the same one and is told again; with any other fact it is a conflict, and is audited', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const proposal = scene.proposalFor(tenantId, {
        details: { text: 'nul \0 and half \ud83d', deep: [1, {}] },
      })
      const decision = await scene.governor.propose(proposal)
      expect(await scene.governor.propose(proposal)).toEqual(decision)
      for (const other of [
        { content: 'another text' },
        { reason: 'another reason' },
        { actor: ada },
        { actor: learner },
        { details: {} },
        { agentRole: 'tester' } as const,
      ]) {
        await expect(scene.governor.propose({ ...proposal, ...other })).rejects.toMatchObject({
          code: 'LEARNING_UPDATE_CONFLICT',
          message: expect.stringContaining(proposal.updateId),
        })
      }
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 1, history: 1 })
      const entries = await scene.entries(tenantId)
      expect(entries.map(({ outcome }) => outcome)).toEqual(['allowed', ...Array(6).fill('denied')])
      expect(entries[1]).toMatchObject({ details: { code: 'LEARNING_UPDATE_CONFLICT' } })
    })

    it('made many times at once is applied once', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const proposal = scene.proposalFor(tenantId)
      const decisions = await Promise.all(Array.from({ length: 5 }, () => scene.governor.propose(proposal)))
      expect(new Set(decisions.map((one) => JSON.stringify(one))).size).toBe(1)
      expect(decisions[0]).toMatchObject({ status: 'applied', version: 1 })
      expect(await scene.events(tenantId)).toHaveLength(1)
    })

    it('within the cooldown or beyond the limit of a day is refused, told until when, and audited', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const first = await scene.governor.propose(scene.proposalFor(tenantId))
      if (first.status !== 'applied') throw new Error(first.status)
      const proposal = scene.proposalFor(tenantId)
      const cooling = await scene.governor.propose(proposal)
      expect(cooling).toMatchObject({ status: 'refused', reason: 'cooldown_active' })
      expect(cooling).toMatchObject({ nextAllowedAt: new Date(first.appliedAt.getTime() + 2 * 3_600_000) })
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 1, history: 1 })
      expect((await scene.entries(tenantId)).at(-1)).toMatchObject({
        action: 'prompt.propose',
        outcome: 'denied',
        details: { refused: 'cooldown_active', updateId: proposal.updateId },
      })
      await scene.age(tenantId, 2)
      expect(await scene.governor.propose(proposal)).toMatchObject({ status: 'applied', version: 2 })
      for (let update = 3; update <= 5; update++) {
        await scene.age(tenantId, 4)
        expect(await scene.governor.propose(scene.proposalFor(tenantId))).toMatchObject({ status: 'applied' })
      }
      await scene.age(tenantId, 4)
      expect(await scene.governor.propose(scene.proposalFor(tenantId))).toMatchObject({
        status: 'refused',
        reason: 'daily_limit_reached',
      })
      await scene.age(tenantId, 7)
      expect(await scene.governor.propose(scene.proposalFor(tenantId))).toMatchObject({ status: 'applied' })
    })

    it('counts for its own tenant and its own role alone', async () => {
      const scene = sceneOf()
      const [tenantId, other] = [randomName('t'), randomName('t')]
      const content = 'the same text'
      for (const proposal of [
        scene.proposalFor(tenantId, { content }),
        scene.proposalFor(other, { content }),
        scene.proposalFor(tenantId, { content, agentRole: 'tester' }),
      ]) {
        expect(await scene.governor.propose(proposal)).toMatchObject({ status: 'applied', version: 1 })
      }
    })

    it('of the text in force is refused as unchanged; of a former text it is that former version', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      await scene.governor.propose(scene.proposalFor(tenantId, { content: 'one' }))
      expect(await scene.governor.propose(scene.proposalFor(tenantId, { content: 'one' }))).toMatchObject({
        status: 'refused',
        reason: 'unchanged',
        nextAllowedAt: null,
      })
      await scene.age(tenantId, 3)
      await scene.governor.propose(scene.proposalFor(tenantId, { content: 'two' }))
      await scene.age(tenantId, 3)
      const again = await scene.governor.propose(scene.proposalFor(tenantId, { content: 'one' }))
      expect(again).toMatchObject({ status: 'applied', version: 1 })
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 2, history: 3 })
    })

    it('made from another version than the one in force is refused as such; one that is there keeps its base', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const first = scene.proposalFor(tenantId, { expectedBaseVersion: null })
      const done = await scene.governor.propose(first)
      expect(done).toMatchObject({ status: 'applied', version: 1 })
      expect(await scene.governor.propose(first)).toEqual(done)
      const { expectedBaseVersion: _base, ...unbound } = first
      expect(await scene.governor.propose(unbound)).toEqual(done)
      await expect(scene.governor.propose({ ...first, expectedBaseVersion: 1 })).rejects.toMatchObject({
        code: 'LEARNING_UPDATE_CONFLICT',
      })
      for (const expectedBaseVersion of [null, 2]) {
        const late = scene.proposalFor(tenantId, { expectedBaseVersion })
        expect(await scene.governor.propose(late)).toMatchObject({
          status: 'refused',
          reason: 'base_changed',
        })
      }
      expect((await scene.entries(tenantId)).at(-1)).toMatchObject({
        action: 'prompt.propose',
        outcome: 'denied',
        details: { refused: 'base_changed', explanation: 'made from version 2, and version 1 is in force' },
      })
      const bound = scene.proposalFor(tenantId, { expectedBaseVersion: 1, agentRole: 'developer' })
      await scene.age(tenantId, 30)
      expect(await scene.governor.propose(bound)).toMatchObject({ status: 'applied', version: 2 })
    })

    it('for a role that nobody knows is refused and audited', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      // A caller without types may name any role.
      const proposal = scene.proposalFor(tenantId, { agentRole: 'janitor' as 'tester' })
      await expect(scene.governor.propose(proposal)).rejects.toMatchObject({
        code: 'LEARNING_UNKNOWN_ROLE',
        message: expect.stringMatching(/role janitor; roles are .*developer/),
      })
      expect(await scene.entries(tenantId)).toMatchObject([
        { action: 'prompt.propose', outcome: 'denied', details: { code: 'LEARNING_UNKNOWN_ROLE' } },
      ])
    })

    it('that a gate has something against is refused, with the findings in the audit entry', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const seen: PromptCandidate[] = []
      const gate = (name: string, findings: readonly GateFinding[]): PromptGate => ({
        name,
        check: async (tx, candidate) => {
          await tx.query('SELECT 1')
          seen.push(candidate)
          return candidate.content === 'good' ? [] : findings
        },
      })
      const finding = { gate: 'second', rule: 'too-bad', message: 'it is bad' }
      const governor = scene.governorWith({ gates: [gate('first', []), gate('second', [finding])] })
      await governor.propose(scene.proposalFor(tenantId, { content: 'good' }))
      await scene.age(tenantId, 3)
      seen.length = 0
      const decision = await governor.propose(scene.proposalFor(tenantId, { content: 'bad' }))
      expect(decision).toMatchObject({
        status: 'refused',
        reason: 'gate_failed',
        explanation: '1 finding of second: it is bad',
        findings: [finding],
      })
      expect(seen).toHaveLength(2)
      const sha256 = contentSha256('bad')
      expect(seen[0]).toMatchObject({ content: 'bad', contentSha256: sha256, base: { content: 'good' } })
      expect((await scene.entries(tenantId)).at(-1)).toMatchObject({
        outcome: 'denied',
        details: { refused: 'gate_failed', findings: [finding] },
      })
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 1, history: 1 })
    })

    it('is not applied where a gate or the outbox fails, and leaves nothing behind', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const fail = () => Promise.reject(new Error('broken'))
      for (const broken of [{ gates: [{ name: 'broken', check: fail }] }, { outbox: { append: fail } }]) {
        const governor = scene.governorWith(broken)
        await expect(governor.propose(scene.proposalFor(tenantId))).rejects.toThrow('broken')
      }
      expect(await scene.rowCounts(tenantId)).toEqual({ prompts: 0, history: 0 })
      expect(await scene.entries(tenantId)).toEqual([])
    })

    it('is refused while as many wait as may; those whose time ran out do not count', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const governor = scene.governorWith({ maxPendingPerRole: 2 })
      const propose = () => governor.propose(scene.proposalFor(tenantId, { agentRole: 'architect' }))
      expect([await propose(), await propose()]).toMatchObject([{ status: 'pending' }, { status: 'pending' }])
      expect(await propose()).toMatchObject({ status: 'refused', reason: 'too_many_pending' })
      await scene.database.query(
        `UPDATE learning_history SET proposed_at = proposed_at - interval '169 hours', expires_at = expires_at - interval '169 hours'
          WHERE tenant_id = $1`,
        [tenantId],
      )
      expect(await propose()).toMatchObject({ status: 'pending' })
    })

    it('whose time ran out is told as expired, but for one that has its approvals', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const proposal = scene.proposalFor(tenantId, { agentRole: 'architect' })
      await scene.governor.propose(proposal)
      await scene.database.query(
        `UPDATE learning_history SET proposed_at = proposed_at - interval '169 hours', expires_at = clock_timestamp()
          WHERE tenant_id = $1`,
        [tenantId],
      )
      expect(await scene.governor.propose(proposal)).toEqual({ status: 'expired', version: 1 })
      await scene.database.query(
        `INSERT INTO learning_approvals (tenant_id, update_id, approver, content_sha256) VALUES ($1, $2, 'ada', $3)`,
        [tenantId, proposal.updateId, contentSha256(proposal.content)],
      )
      expect(await scene.governor.propose(proposal)).toMatchObject({ status: 'pending', version: 1 })
    })

    it('that breaks a rule of its form is refused before the database is asked', async () => {
      const scene = sceneOf()
      const tenantId = randomName('t')
      const cycle: Record<string, unknown> = {}
      cycle.self = cycle
      for (const bad of [
        { tenantId: '' },
        { updateId: 'a\nb' },
        { content: '' },
        { content: 'nul \0' },
        { content: 'half \ud83d' },
        { content: 'x'.repeat(1_000_001) },
        { reason: '' },
        { reason: 'x'.repeat(4001) },
        { actor: { id: '', kind: 'agent' } as const },
        { expectedBaseVersion: 0 },
        { details: { long: 'x'.repeat(100_000) } },
        { details: { big: 1n } },
        { details: cycle },
      ]) {
        const proposal = scene.proposalFor(tenantId, bad)
        const [option = ''] = Object.keys(bad)
        await expect(scene.governor.propose(proposal)).rejects.toEqual(
          invalidOption(option === 'actor' ? 'actor.id' : option),
        )
      }
      expect(await scene.entries(tenantId)).toEqual([])
    })

    it('takes as many details as it says, and what it refuses is told', async () => {
      const scene = sceneOf()
      const rule = 'an object of JSON values, at most 100000 characters of text'
      const propose = (details: object) =>
        scene.governor.propose(scene.proposalFor(randomName('t'), { details: { ...details } }))
      const around = JSON.stringify({ long: '' }).length
      expect(await propose({ long: 'x'.repeat(100_000 - around) })).toMatchObject({ status: 'applied' })
      for (const [details, received] of [
        [{ long: 'x'.repeat(100_001 - around) }, '"100001 characters"'],
        [{ big: 1n }, '"no JSON"'],
      ] as const)
        await expect(propose(details)).rejects.toMatchObject({
          details: { option: 'details', rule, received },
        })
    })
  })
}
