import { type Actor, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Alert } from '@golden-arch/core/observability'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ada, LearningScene, learner } from '../../testing/learning-scene.ts'
import type { OpenedGovernance } from '../../testing/opened-governance.ts'
import { forbiddenFragments } from '../gates/forbidden-fragments.ts'
import { LearningGovernance, type LearningGovernanceOptions } from '../learning-governance.ts'
import { canaryGate } from './canary-gate.ts'
import type { CanaryTrial } from './canary-trial.ts'
import { type CanaryStart, PromptCanary, type PromptCanaryOptions } from './prompt-canary.ts'
import { promptFor } from './prompt-for.ts'
import type { RecordedOutcome } from './record-outcome.ts'

const bob: Actor = { id: 'bob', kind: 'human' }
const service: Actor = { id: 'runtime', kind: 'service' }
const BASE = 'Write tests.'
const NEW = 'Write tests first.'
/** Failures in a row that take a trial with a fifth of the tasks back. */
const FATAL = 5

/** What trials do on any SqlDatabase. Registers its tests. */
export function promptCanaryContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`a trial on ${title}`, () => {
    let opened: OpenedGovernance
    let scene: LearningScene
    let alerts: Alert[] = []
    let tenantId = ''

    beforeAll(async () => {
      opened = await open()
      scene = new LearningScene(opened.database)
    })
    beforeEach(() => {
      tenantId = randomName('t')
      alerts = []
    })
    afterAll(() => opened.close())

    const canaryWith = ({
      maxShareMilli,
      ...more
    }: Partial<LearningGovernanceOptions> & Omit<PromptCanaryOptions, 'learning'> = {}): PromptCanary => {
      const learning = new LearningGovernance({
        database: opened.database,
        outbox: new SqlEventOutbox(),
        audit: new SqlAuditLog(),
        alerts: { raise: (alert) => void alerts.push(alert) },
        ...more,
      })
      return new PromptCanary({ learning, maxShareMilli })
    }
    const startOf = (more: Partial<CanaryStart> = {}): CanaryStart => ({
      tenantId,
      canaryId: 'c-1',
      agentRole: 'developer',
      candidate: { content: NEW },
      shareMilli: 200,
      tasksWanted: 20,
      maxTasks: 200,
      actor: service,
      ...more,
    })
    const seed = (agentRole: CanaryStart['agentRole'] = 'developer') =>
      scene.governor.seed({ tenantId, agentRole, content: BASE, actor: service })
    const started = async (more: Partial<CanaryStart> = {}): Promise<CanaryTrial> => {
      await seed()
      return canaryWith().start(startOf(more))
    }
    /** Ids of tasks that have the version on trial, or the one in force. */
    function* tasksOf(trial: CanaryTrial, onTrial: boolean): Generator<string, never> {
      for (let index = 0; ; index++) {
        const taskId = `task-${index}`
        const { version, contentSha256, baseVersion, policy } = trial
        const production = { version: baseVersion, contentSha256: '' }
        const choice = { taskId, production, shareMilli: policy.shareMilli }
        const found = promptFor({ ...choice, canary: { version, contentSha256 } })
        if ((found.version === version) === onTrial) yield taskId
      }
    }
    const record = async (
      trial: CanaryTrial,
      onTrial: boolean,
      outcomes: readonly boolean[],
    ): Promise<readonly RecordedOutcome[]> => {
      const ids = tasksOf(trial, onTrial)
      const recorded: RecordedOutcome[] = []
      for (const succeeded of outcomes) {
        const { value: taskId } = ids.next()
        const version = onTrial ? trial.version : trial.baseVersion
        const task = { tenantId, agentRole: trial.agentRole, version, taskId, succeeded }
        recorded.push(await canaryWith().recordOutcome(task))
      }
      return recorded
    }
    const labels = async (): Promise<readonly string[]> => {
      const { rows } = await opened.database.query<{ label: string; version: number }>(
        'SELECT label, version FROM prompt_labels WHERE tenant_id = $1 ORDER BY label',
        [tenantId],
      )
      return rows.map(({ label, version }) => `${label} ${version}`)
    }
    const acts = async (): Promise<readonly string[]> =>
      (await scene.entries(tenantId))
        .filter(({ action }) => action.endsWith('Canary'))
        .map(({ actor, action, outcome }) => `${actor} ${action} ${outcome}`)
    const facts = async (): Promise<readonly string[]> =>
      (await scene.events(tenantId)).filter(({ type }) => type.includes('canary')).map(({ type }) => type)

    it('gives its share of the tasks the new text, and a task always the same', async () => {
      const trial = await started()
      expect(trial).toMatchObject({ status: 'running', version: 2, baseVersion: 1, startedBy: service })
      expect(await labels()).toEqual(['canary 2', 'production 1'])
      const canary = canaryWith()
      for (const onTrial of [true, false]) {
        const { value: taskId } = tasksOf(trial, onTrial).next()
        const task = { tenantId, agentRole: 'developer', taskId } as const
        expect(await canary.choose(task)).toMatchObject({ content: onTrial ? NEW : BASE })
        expect(await canary.choose(task)).toMatchObject({ version: onTrial ? 2 : 1 })
      }
      expect(await acts()).toEqual(['runtime prompt.startCanary allowed'])
      expect(await facts()).toEqual(['prompt.canaryStarted'])
      expect(await canary.findRunning({ tenantId, agentRole: 'developer' })).toEqual(trial)
      expect(await canary.findRunning({ tenantId, agentRole: 'tester' })).toBeUndefined()
    })

    it('is none where nothing is on trial, and no prompt where none is in force', async () => {
      const task = { tenantId, agentRole: 'developer', taskId: 't' } as const
      expect(await canaryWith().choose(task)).toBeUndefined()
      await seed()
      expect(await canaryWith().choose(task)).toMatchObject({ content: BASE })
      const outcome = { ...task, version: 1, succeeded: false }
      expect(await canaryWith().recordOutcome(outcome)).toEqual({ status: 'not-counted', trial: null })
    })

    it('started again with the same facts is told, also when it has ended; with others it is refused', async () => {
      const trial = await started()
      const again = await Promise.all([1, 2, 3].map(() => canaryWith().start(startOf())))
      for (const one of again) expect(one).toEqual(trial)
      expect(await canaryWith().start(startOf({ candidate: { version: 2 } }))).toEqual(trial)
      for (const more of [
        { shareMilli: 100 },
        { actor: ada },
        { candidate: { content: 'other' } },
      ] as readonly Partial<CanaryStart>[]) {
        await expect(canaryWith().start(startOf(more))).rejects.toMatchObject({
          code: 'LEARNING_CANARY_CONFLICT',
        })
      }
      const stopped = await canaryWith().stop({ tenantId, canaryId: 'c-1', actor: ada, reason: 'enough' })
      expect(stopped).toMatchObject({ status: 'stopped', endedBy: 'ada' })
      expect(await canaryWith().start(startOf())).toEqual(stopped)
      expect(await canaryWith().stop({ tenantId, canaryId: 'c-1', actor: bob, reason: 'x' })).toEqual(stopped)
      expect(await labels()).toEqual(['production 1'])
      expect(await facts()).toEqual(['prompt.canaryStarted', 'prompt.canaryEnded'])
    })

    it('is one at a time for each role', async () => {
      const results = await (async () => {
        await seed()
        return Promise.allSettled(
          ['a', 'b', 'c'].map((canaryId) =>
            canaryWith().start(startOf({ canaryId, candidate: { content: canaryId } })),
          ),
        )
      })()
      expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
      for (const one of results) {
        if (one.status !== 'rejected') continue
        expect(one.reason).toMatchObject({ code: 'LEARNING_CANARY_RUNNING' })
        expect(one.reason.message).toBe(`the trial ${one.reason.details.running} is running`)
      }
      expect(await facts()).toEqual(['prompt.canaryStarted'])
    })

    it('counts each task once, whatever is said of it later', async () => {
      const trial = await started()
      const { value: taskId } = tasksOf(trial, true).next()
      const outcome = { tenantId, agentRole: 'developer', version: 2, taskId, succeeded: true } as const
      expect(await canaryWith().recordOutcome(outcome)).toMatchObject({ status: 'counted' })
      for (const succeeded of [true, false]) {
        expect(await canaryWith().recordOutcome({ ...outcome, succeeded })).toMatchObject({
          status: 'duplicate',
          trial: { counts: { canaryTasks: 1, canaryFailures: 0 } },
        })
      }
    })

    it('counts no task that had another prompt than the trial gives it', async () => {
      const trial = await started()
      const { value: taskId } = tasksOf(trial, true).next()
      for (const version of [1, 3]) {
        const outcome = { tenantId, agentRole: 'developer', version, taskId, succeeded: false } as const
        expect(await canaryWith().recordOutcome(outcome)).toMatchObject({ status: 'not-counted' })
      }
      expect(await canaryWith().get({ tenantId, canaryId: 'c-1' })).toEqual(trial)
    })

    it('that fails more often than the version in force is taken back, with audit entry, event and alert', async () => {
      const trial = await started()
      await record(trial, false, new Array(20).fill(true))
      const recorded = await record(trial, true, new Array(10).fill(false))
      const end = recorded.findIndex((one) => one.trial?.status === 'rolled-back')
      expect(end).toBeGreaterThan(0)
      expect(recorded.slice(end + 1).map((one) => one.status)).toEqual(new Array(9 - end).fill('not-counted'))
      const ended = await canaryWith().get({ tenantId, canaryId: 'c-1' })
      const counts = {
        canaryTasks: end + 1,
        canaryFailures: end + 1,
        productionTasks: 20,
        productionFailures: 0,
      }
      expect(ended).toMatchObject({ status: 'rolled-back', endedBy: 'governance', counts })
      expect(await labels()).toEqual(['production 1'])
      expect(await acts()).toEqual([
        'runtime prompt.startCanary allowed',
        'governance prompt.endCanary allowed',
      ])
      expect((await scene.events(tenantId)).at(-1)).toMatchObject({
        type: 'prompt.canaryEnded',
        data: { canaryId: 'c-1', status: 'rolled-back', ...counts },
      })
      expect(alerts).toMatchObject([{ kind: 'learning.canaryRolledBack', tenantId }])
      const task = { tenantId, agentRole: 'developer', taskId: 'any' } as const
      expect(await canaryWith().choose(task)).toMatchObject({ version: 1 })
    })

    it('that is passed promotes nothing: it ends, and its gate lets the text through', async () => {
      const governor = scene.governorWith({ gates: [canaryGate()] })
      const proposal = scene.proposalFor(tenantId, { content: NEW })
      const trial = await started()
      expect(await governor.propose(proposal)).toMatchObject({ status: 'refused', reason: 'gate_failed' })
      await record(trial, true, new Array(19).fill(true))
      expect(await governor.propose(proposal)).toMatchObject({ status: 'refused', reason: 'gate_failed' })
      const recorded = await record(trial, true, new Array(20).fill(true))
      expect(recorded.at(-1)).toMatchObject({ status: 'counted', trial: { status: 'passed' } })
      expect(await labels()).toEqual(['production 1'])
      expect(alerts).toEqual([])
      expect(await governor.propose(proposal)).toMatchObject({ status: 'applied', version: 2 })
      expect(await labels()).toEqual(['production 2'])
    })

    it('with too few outcomes of the version on trial ends without a result', async () => {
      const trial = await started({ tasksWanted: 20, maxTasks: 22 })
      await record(trial, true, [true])
      await record(trial, false, new Array(21).fill(true))
      expect(await canaryWith().get({ tenantId, canaryId: 'c-1' })).toMatchObject({ status: 'inconclusive' })
      const governor = scene.governorWith({ gates: [canaryGate()] })
      const proposal = scene.proposalFor(tenantId, { content: NEW })
      expect(await governor.propose(proposal)).toMatchObject({ status: 'refused' })
    })

    it('ends when another version comes into force, by an update or a rollback, and is told in that event', async () => {
      await started()
      await scene.governor.propose(scene.proposalFor(tenantId, { content: 'another text' }))
      const first = await canaryWith().get({ tenantId, canaryId: 'c-1' })
      expect(first).toMatchObject({ status: 'superseded', endedBy: null })
      expect(await labels()).toEqual(['production 3'])
      expect((await scene.events(tenantId)).at(-1)).toMatchObject({
        type: 'prompt.changed',
        data: { endedCanary: 2 },
      })
      await canaryWith().start(startOf({ canaryId: 'c-2' }))
      await scene.governor.rollback({
        tenantId,
        updateId: 'r-1',
        agentRole: 'developer',
        toVersion: 1,
        reason: 'worse',
        actor: ada,
      })
      expect(await canaryWith().get({ tenantId, canaryId: 'c-2' })).toMatchObject({ status: 'superseded' })
      expect(await labels()).toEqual(['production 1'])
    })

    it('ends as promoted when its own version comes into force', async () => {
      await started()
      await scene.governor.propose(scene.proposalFor(tenantId, { content: NEW }))
      expect(await canaryWith().get({ tenantId, canaryId: 'c-1' })).toMatchObject({ status: 'promoted' })
    })

    it('of a role whose updates need people needs a proposal that waits and another person than made it', async () => {
      await seed('security')
      const start = startOf({ agentRole: 'security', actor: ada })
      const refused = async (more: Partial<CanaryStart>): Promise<unknown> =>
        canaryWith()
          .start({ ...start, ...more })
          .catch((error: { code: string }) => error.code)
      expect(await refused({ actor: service })).toBe('LEARNING_NEEDS_PERSON')
      expect(await refused({ actor: learner })).toBe('LEARNING_NEEDS_PERSON')
      expect(await refused({ actor: { id: 'ada\u200b', kind: 'human' } })).toBe('LEARNING_NEEDS_PERSON')
      expect(await refused({})).toBe('LEARNING_UPDATE_NOT_FOUND')
      const proposal = { agentRole: 'security', content: NEW, actor: ada } as const
      await scene.governor.propose(scene.proposalFor(tenantId, proposal))
      expect(await refused({})).toBe('LEARNING_SELF_APPROVAL')
      expect(await refused({ candidate: { content: 'other' }, actor: bob })).toBe('LEARNING_UPDATE_NOT_FOUND')
      expect(await canaryWith().start({ ...start, actor: bob })).toMatchObject({ status: 'running' })
      expect((await acts()).filter((one) => one.endsWith('denied'))).toHaveLength(6)
    })

    it('that the guard took back is not started again by an agent or a service, but by a person', async () => {
      const trial = await started()
      await record(trial, true, new Array(6).fill(false))
      const again = { canaryId: 'c-2' } as const
      for (const actor of [service, learner]) {
        await expect(canaryWith().start(startOf({ ...again, actor }))).rejects.toMatchObject({
          code: 'LEARNING_NEEDS_PERSON',
        })
      }
      expect(await canaryWith().start(startOf({ ...again, actor: ada }))).toMatchObject({ status: 'running' })
      const { rows } = await opened.database.query(
        'SELECT task_id FROM prompt_canary_outcomes WHERE tenant_id = $1',
        [tenantId],
      )
      expect(rows).toEqual([])
    })

    it('of a text that a gate has something against is refused with the findings, and no version is made', async () => {
      await seed()
      const gates = [forbiddenFragments({ forbidden: ['first'] })]
      await expect(canaryWith({ gates }).start(startOf())).rejects.toMatchObject({
        code: 'LEARNING_GATE_FAILED',
        details: { findings: [{ gate: 'forbidden-fragments', rule: 'forbidden' }] },
      })
      expect((await scene.registry.listVersions({ tenantId, agentRole: 'developer' })).items).toHaveLength(1)
      expect(await acts()).toEqual(['runtime prompt.startCanary denied'])
    })

    it('needs a prompt in force, another text than that, and a version that is there', async () => {
      const codeOf = (more: Partial<CanaryStart>): Promise<unknown> =>
        canaryWith()
          .start(startOf(more))
          .catch((error: { code: string }) => error.code)
      expect(await codeOf({})).toBe('LEARNING_NOTHING_IN_FORCE')
      await seed()
      expect(await codeOf({ candidate: { content: BASE } })).toBe('LEARNING_VERSION_IN_FORCE')
      expect(await codeOf({ candidate: { version: 1 } })).toBe('LEARNING_VERSION_IN_FORCE')
      expect(await codeOf({ candidate: { version: 2 } })).toBe('LEARNING_VERSION_NOT_FOUND')
      // Safe: what a caller without types may pass.
      expect(await codeOf({ agentRole: 'poet' as 'tester' })).toBe('LEARNING_UNKNOWN_ROLE')
      for (const [option, more] of [
        ['shareMilli', { shareMilli: 201 }],
        ['tasksWanted', { tasksWanted: 0 }],
        ['maxTasks', { maxTasks: 19 }],
        ['candidate.content', { candidate: { content: '' } }],
        ['candidate.version', { candidate: { version: 0 } }],
      ] as const) {
        await expect(canaryWith().start(startOf(more))).rejects.toEqual(invalidOption(option))
      }
      const outcome = { tenantId, agentRole: 'developer', taskId: 't', version: 0, succeeded: true } as const
      await expect(canaryWith().recordOutcome(outcome)).rejects.toEqual(invalidOption('version'))
    })

    it('is not there for another tenant', async () => {
      const trial = await started()
      const other = randomName('other')
      const { value: taskId } = tasksOf(trial, true).next()
      const task = { tenantId: other, agentRole: 'developer', taskId } as const
      expect(await canaryWith().choose(task)).toBeUndefined()
      const outcome = { ...task, version: 2, succeeded: false }
      expect(await canaryWith().recordOutcome(outcome)).toEqual({ status: 'not-counted', trial: null })
      for (const key of [
        { tenantId: other, canaryId: 'c-1' },
        { tenantId, canaryId: 'c-9' },
      ]) {
        const code = 'LEARNING_CANARY_NOT_FOUND'
        await expect(canaryWith().get(key)).rejects.toMatchObject({ code })
        await expect(canaryWith().stop({ ...key, actor: ada, reason: 'x' })).rejects.toMatchObject({ code })
      }
    })

    it('whose end cannot be written down goes on, and the outcome is not counted', async () => {
      const trial = await started()
      await record(trial, true, new Array(FATAL - 1).fill(false))
      const failing = canaryWith({ outbox: { append: () => Promise.reject(new Error('no outbox')) } })
      const ids = [...tasksUpTo(tasksOf(trial, true), FATAL)]
      const last = ids[FATAL - 1] ?? ''
      const outcome = { tenantId, agentRole: 'developer', version: 2, succeeded: false } as const
      await expect(failing.recordOutcome({ ...outcome, taskId: last })).rejects.toThrow('no outbox')
      expect(alerts).toEqual([])
      expect(await canaryWith().get({ tenantId, canaryId: 'c-1' })).toMatchObject({
        status: 'running',
        counts: { canaryTasks: FATAL - 1 },
      })
      expect(await canaryWith().recordOutcome({ ...outcome, taskId: last })).toMatchObject({
        status: 'counted',
        trial: { status: 'rolled-back' },
      })
      expect(alerts).toHaveLength(1)
    })

    it('with outcomes recorded many at once is taken back once', async () => {
      const trial = await started()
      const ids = [...tasksUpTo(tasksOf(trial, true), 12)]
      const outcome = { tenantId, agentRole: 'developer', version: 2, succeeded: false } as const
      const recorded = await Promise.all(
        [...ids, ...ids].map((taskId) => canaryWith().recordOutcome({ ...outcome, taskId })),
      )
      const ends = recorded.filter((one) => one.status === 'counted' && one.trial?.status === 'rolled-back')
      expect(ends).toHaveLength(1)
      expect(recorded.filter((one) => one.status === 'counted')).toHaveLength(FATAL)
      expect(alerts).toHaveLength(1)
      expect(await facts()).toEqual(['prompt.canaryStarted', 'prompt.canaryEnded'])
    })
  })
}

function* tasksUpTo(ids: Generator<string, never>, count: number): Iterable<string> {
  for (let index = 0; index < count; index++) yield ids.next().value
}
