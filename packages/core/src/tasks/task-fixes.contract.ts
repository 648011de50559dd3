import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RecordingMetrics } from '../observability/testing/index.ts'
import { evidenceHashOf } from './evidence-hash.ts'
import { fixesOf } from './fix-records.ts'
import type { Task } from './task.ts'
import { dyingAfter } from './testing/faulty-database.ts'
import { ada, MachineSetting, orchestrator, questionOf } from './testing/machine-setting.ts'
import type { TaskDatabase } from './testing/task-databases.ts'

/** What a machine does when a guard refuses, on any SqlDatabase. Registers its tests. */
export function taskFixesContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`fixes of tasks on ${title}`, () => {
    let opened: TaskDatabase
    let setting: MachineSetting

    beforeAll(async () => {
      opened = await open()
      setting = new MachineSetting(opened.database)
      await setting.prepare()
    })

    afterAll(() => opened.close())

    const fixes = async (task: Task): Promise<unknown[]> => {
      const records = await fixesOf(opened.database, task)
      return records.map((one) => [one.fix, one.transition, one.try, one.outcome])
    }

    it('makes a remediation task for a guard that refused, and waits for it', async () => {
      const task = await setting.mending()
      expect(task).toMatchObject({
        status: 'waiting',
        statusReason: 'tests-failed',
        resumeTo: 'executing',
        waitingFor: { kind: 'fix', guard: 'tests-passed', to: 'reviewing', try: 1 },
        attempts: { generate: 2 },
        fixes: { 'executing>reviewing/tests-passed': 1 },
        wakeAt: null,
      })
      const remediation = await setting.remediationOf(task)
      expect(remediation).toMatchObject({
        kind: 'remediation',
        status: 'submitted',
        parentTaskId: task.taskId,
        rootTaskId: task.taskId,
        input: { hint: 1, guard: 'tests-passed', step: 'generate', attempt: 2, feedback: 'mend tests' },
      })
      expect(remediation.evidence).toEqual({})
      expect(await fixes(task)).toEqual([['generate-again', 'executing>reviewing', 1, 'started']])
      await expect(setting.move(task, 'reviewing', { tests: true })).rejects.toMatchObject({
        code: 'TASK_STILL_WAITING',
        retryable: true,
      })
      expect(await setting.move(task, 'cancelled')).toMatchObject({ status: 'cancelled' })
      expect(await fixes(task)).toEqual([['generate-again', 'executing>reviewing', 1, 'failed']])
    })

    it('wakes the task when its remediation task has ended, and counts the fix a success once the move is made', async () => {
      const ended = await setting.endMending(await setting.mending(), 'completed')
      expect(ended.wakeAt).not.toBeNull()
      expect(await fixes(ended)).toMatchObject([['generate-again', 'executing>reviewing', 1, 'started']])
      const reviewing = await setting.move(ended, 'reviewing', { tests: true })
      expect(reviewing).toMatchObject({
        status: 'reviewing',
        waitingFor: null,
        resumeTo: null,
        statusReason: null,
      })
      expect(await fixes(ended)).toMatchObject([['generate-again', 'executing>reviewing', 1, 'succeeded']])
      expect(await setting.events(ended)).toEqual([
        'task.created',
        'task.transitioned',
        'task.transitioned',
        'task.fix',
        'task.transitioned',
        'task.fix',
      ])
      expect(await setting.audit(ended)).toEqual([
        'task.create allowed by human ada',
        'task.transition allowed by service orchestrator',
        'task.transition denied by service orchestrator',
        'task.fix allowed by service orchestrator started',
        'task.transition allowed by service orchestrator',
        'task.fix allowed by service orchestrator succeeded',
      ])
    })

    it('lets a mended task go on where it was, before the move is asked for again', async () => {
      const ended = await setting.endMending(await setting.mending(), 'completed')
      const executing = await setting.move(ended, 'executing')
      expect(executing).toMatchObject({ status: 'executing', resumeTo: null })
      expect(await fixes(executing)).toMatchObject([['generate-again', 'executing>reviewing', 1, 'started']])
      await setting.move(executing, 'reviewing', { tests: true })
      expect(await fixes(executing)).toMatchObject([
        ['generate-again', 'executing>reviewing', 1, 'succeeded'],
      ])
    })

    it('asks a person when no try is left, once, with the guard and its words', async () => {
      const task = await setting.escalated()
      expect(task).toMatchObject({
        status: 'escalated',
        statusReason: 'fixes-exhausted',
        resumeTo: 'executing',
        wakeAt: null,
        waitingFor: {
          kind: 'approval',
          guard: 'tests-passed',
          to: 'reviewing',
          askedAtVersion: task.version,
        },
      })
      expect(await fixes(task)).toEqual([['generate-again', 'executing>reviewing', 1, 'failed']])
      expect(await setting.raised(task)).toMatchObject([
        {
          reason: 'fixes-exhausted',
          level: 'supervisor',
          askedAtVersion: task.version,
          details: { guard: 'tests-passed', feedback: 'mend tests', asked: 'reviewing', from: 'executing' },
        },
      ])
      expect((await setting.events(task)).slice(-2)).toEqual(['task.escalated', 'task.fix'])
      expect((await setting.audit(task)).slice(-3)).toEqual([
        'task.transition denied by service orchestrator',
        'task.fix failed by service orchestrator failed',
        'task.fix denied by service orchestrator exhausted',
      ])
    })

    it('counts a fix failed when its remediation task fails, and asks a person at the next refusal', async () => {
      const task = await setting.endMending(await setting.mending(), 'failed')
      expect(await fixes(task)).toEqual([['generate-again', 'executing>reviewing', 1, 'failed']])
      expect(task.wakeAt).not.toBeNull()
      expect(await setting.move(task, 'reviewing')).toMatchObject({ statusReason: 'fixes-exhausted' })
    })

    it('tries as often as the policy allows, for a guard and for a task', async () => {
      const policies = [
        { policy: { maxTriesPerGuard: 3, maxFixesPerTask: 9 }, tries: 3 },
        { policy: { maxTriesPerGuard: 9, maxFixesPerTask: 2 }, tries: 2 },
        { policy: { maxTriesPerGuard: 0 }, tries: 0 },
      ]
      for (const { policy, tries } of policies) {
        const patient = new MachineSetting(opened.database, { policy })
        let task = await patient.move(await patient.executing(), 'reviewing')
        for (let number = 0; number < tries; number++) {
          expect(task.attempts).toEqual({ generate: number + 2 })
          const begun = await patient.move(await patient.remediationOf(task), 'executing')
          await patient.move(begun, 'completed')
          task = await patient.move(await patient.get(task), 'reviewing')
        }
        expect(task).toMatchObject({ status: 'escalated', statusReason: 'fixes-exhausted' })
        expect(await fixes(task)).toHaveLength(tries)
      }
    })

    it('normalises the input at once and moves, and tells that it did', async () => {
      const task = await setting.executing({ input: { name: ' sum ' } })
      const reviewing = await setting.move(task, 'reviewing', { tests: true })
      expect(reviewing).toMatchObject({ status: 'reviewing', input: { name: 'sum' }, version: 3 })
      expect(await fixes(reviewing)).toEqual([['trim-name', 'executing>reviewing', 1, 'succeeded']])
      expect((await setting.events(reviewing)).slice(-3)).toEqual([
        'task.transitioned',
        'task.fix',
        'task.fix',
      ])
      expect((await setting.audit(reviewing)).slice(-2)).toEqual([
        'task.fix allowed by service orchestrator started',
        'task.fix allowed by service orchestrator succeeded',
      ])
    })

    it('counts auto_fix_total by guard and outcome, once the transaction has held', async () => {
      const metrics = new RecordingMetrics()
      const counted = new MachineSetting(opened.database, { metrics })
      const count = (guard: string, outcome: string): number =>
        metrics.counterValue('auto_fix_total', { guard, outcome })
      const failing = counted.machineOn(dyingAfter(opened.database, 9), { metrics })
      const begun = await counted.executing({ input: { name: ' a ' } })
      await expect(failing.transition({ task: begun, to: 'reviewing', actor: orchestrator })).rejects.toThrow(
        'died',
      )
      expect(metrics.counterValue('auto_fix_total')).toBe(0)
      let task = await counted.move(begun, 'reviewing', { tests: false })
      await counted.move(await counted.move(await counted.remediationOf(task), 'executing'), 'completed')
      task = await counted.move(await counted.get(task), 'reviewing')
      const counts = ['started', 'succeeded', 'failed', 'exhausted'].map((outcome) =>
        count('tests-passed', outcome),
      )
      expect([task.status, ...counts]).toEqual(['escalated', 1, 0, 1, 1])
      expect(count('name-trimmed', 'started')).toBe(1)
    })

    it('asks a person by a fix, and goes on when the person approves exactly that', async () => {
      const reviewing = await setting.move(await setting.executing(), 'reviewing', { tests: true })
      const asking = await setting.move(reviewing, 'completed', { safe: false })
      expect(asking).toMatchObject({
        status: 'waiting',
        resumeTo: 'reviewing',
        statusReason: 'vetoed',
        waitingFor: { kind: 'approval', question: 'The reviewers vetoed it: accept it?', level: 'operator' },
      })
      expect(await setting.raised(asking)).toMatchObject([{ reason: 'vetoed', level: 'operator' }])
      await expect(setting.move(asking, 'completed')).rejects.toMatchObject({ code: 'TASK_STILL_WAITING' })
      const answered = await setting.settle(asking, 'approve', 'known and harmless')
      expect(answered).toMatchObject({ status: 'waiting', version: asking.version + 1 })
      expect(answered.wakeAt).not.toBeNull()
      expect(answered.evidence.persons).toMatchObject([
        {
          by: 'ada',
          decision: 'approve',
          note: 'known and harmless',
          guard: 'no-veto',
          reason: 'vetoed',
          askedAtVersion: asking.version,
          evidenceHash: evidenceHashOf(asking, ['safe']),
        },
      ])
      expect(await setting.move(answered, 'completed')).toMatchObject({ status: 'completed' })
      expect(await fixes(asking)).toEqual([['ask-about-veto', 'reviewing>completed', 1, 'succeeded']])
      expect((await setting.events(asking)).slice(-3)).toEqual(['task.settled', 'task.completed', 'task.fix'])
    })

    it('holds an approval for nothing but the evidence that it was given for', async () => {
      const reviewing = await setting.move(await setting.executing(), 'reviewing', { tests: true })
      const asking = await setting.move(reviewing, 'completed', { safe: 'first finding' })
      const answered = await setting.settle(asking, 'approve')
      const refused = await setting.move(answered, 'completed', { safe: 'second finding' })
      expect(refused).toMatchObject({ status: 'escalated', statusReason: 'fixes-exhausted' })
    })

    it.each([
      ['reject', 'failed', 'failed-by-person'],
      ['cancel', 'cancelled', 'cancelled-by-person'],
    ] as const)('ends a task when the person says %s', async (decision, status, statusReason) => {
      const task = await setting.escalated()
      const ended = await setting.settle(task, decision, 'no use')
      expect(ended).toMatchObject({ status, statusReason, waitingFor: null, resumeTo: null, wakeAt: null })
      expect(ended.evidence.persons).toMatchObject([{ by: 'ada', decision, note: 'no use' }])
      expect(await setting.settle(task, decision, 'no use')).toEqual(ended)
      expect((await setting.events(task)).slice(-2)).toEqual(['task.transitioned', 'task.settled'])
      expect((await setting.audit(task)).slice(-2)).toEqual([
        'task.transition allowed by human ada',
        'task.settle allowed by human ada',
      ])
    })

    it('takes an escalated task on by the word retry, and lets its fixes be tried anew, each once', async () => {
      const answered = await setting.settle(await setting.escalated(), 'retry', 'mind the zero')
      expect([answered.status, answered.fixes]).toEqual(['escalated', {}])
      await expect(setting.move(answered, 'completed')).resolves.toMatchObject({ status: 'escalated' })
      const again = await setting.settle(await setting.get(answered), 'retry')
      const executing = await setting.move(again, 'executing')
      expect(executing).toMatchObject({ status: 'executing', waitingFor: null })
      const waiting = await setting.move(executing, 'reviewing', { tests: false })
      expect(waiting).toMatchObject({ waitingFor: { kind: 'fix', try: 1 }, attempts: { generate: 3 } })
      expect(await fixes(waiting)).toMatchObject([
        ['generate-again', 'executing>reviewing', 1, 'failed'],
        ['generate-again', 'executing>reviewing', 1, 'started'],
      ])
    })

    it('completes an escalated task as it is by the word approve, and no other evidence with it', async () => {
      const answered = await setting.settle(await setting.escalated(), 'approve')
      const swapped = await setting.move(answered, 'completed', { tests: 'swapped' })
      expect(swapped).toMatchObject({ status: 'escalated', statusReason: 'evidence-changed' })
      // What was answered before is no answer to what is asked now.
      await expect(setting.move(swapped, 'executing')).rejects.toMatchObject({ code: 'TASK_STILL_WAITING' })
      const approved = await setting.settle(swapped, 'approve')
      expect(await setting.move(approved, 'completed')).toMatchObject({ status: 'completed' })
      expect(await setting.raised(answered)).toHaveLength(2)
    })

    it('takes the same answer again as the same, and no other answer to what was answered', async () => {
      const task = await setting.escalated()
      const answered = await setting.settle(task, 'retry', 'go on')
      expect(await setting.settle(task, 'retry', 'go on')).toEqual(answered)
      await expect(setting.settle(task, 'approve')).rejects.toMatchObject({ code: 'TASK_ALREADY_SETTLED' })
      await expect(setting.settle(task, 'retry', 'other')).rejects.toMatchObject({
        code: 'TASK_ALREADY_SETTLED',
      })
      expect(await setting.get(task)).toEqual(answered)
    })

    it('takes an answer in a transaction of the caller, and none with one that rolls back', async () => {
      const task = await setting.escalated()
      const answer = { task, askedAtVersion: questionOf(task), decision: 'retry', actor: ada } as const
      const rolledBack = opened.database.transaction(async (tx) => {
        await setting.machine.settle(answer, { tx })
        throw new Error('the escalation was resolved otherwise')
      })
      await expect(rolledBack).rejects.toThrow('the escalation was resolved otherwise')
      expect(await setting.get(task)).toEqual(task)
      await opened.database.transaction((tx) => setting.machine.settle(answer, { tx }))
      expect((await setting.get(task)).evidence.persons).toMatchObject([{ by: 'ada', decision: 'retry' }])
      const agent = { ...answer, actor: { id: 'a-1', kind: 'agent' } } as const
      await expect(
        opened.database.transaction((tx) => setting.machine.settle(agent, { tx })),
      ).rejects.toMatchObject({ code: 'TASK_NEEDS_PERSON' })
    })

    it('takes one of several answers at once', async () => {
      const task = await setting.escalated()
      const answers = await Promise.allSettled([
        setting.settle(task, 'retry'),
        setting.settle(task, 'approve'),
        setting.settle(task, 'reject'),
        setting.settle(task, 'cancel'),
      ])
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect((await setting.get(task)).evidence.persons).toHaveLength(1)
    })

    it('takes no answer to what it does not ask', async () => {
      const command = { askedAtVersion: 1, decision: 'approve', actor: ada } as const
      const executing = await setting.executing()
      await expect(setting.machine.settle({ ...command, task: executing })).rejects.toMatchObject({
        code: 'TASK_NOT_ASKING',
      })
      const asking = await setting.escalated()
      await expect(setting.machine.settle({ ...command, task: asking })).rejects.toMatchObject({
        code: 'TASK_NOT_ASKING',
      })
    })

    it.each(['agent', 'service'] as const)(
      'lets no %s answer for a person, and records that it tried',
      async (kind) => {
        const task = await setting.escalated()
        const actor = { id: 'someone', kind }
        const answer = { task, askedAtVersion: questionOf(task), decision: 'approve', actor } as const
        await expect(setting.machine.settle(answer)).rejects.toMatchObject({ code: 'TASK_NEEDS_PERSON' })
        expect(await setting.get(task)).toEqual(task)
        expect((await setting.audit(task)).at(-1)).toBe(`task.settle denied by ${kind} someone`)
      },
    )

    it('lets no transition write the words of persons', async () => {
      const task = await setting.escalated()
      await expect(
        setting.move(task, 'executing', { persons: [{ decision: 'retry' }] }),
      ).rejects.toMatchObject({
        code: 'TASK_EVIDENCE_RESERVED',
      })
      expect(await setting.get(task)).toEqual(task)
    })

    it('asks a person at once where something escalates a task, and ends the answer there', async () => {
      const task = await setting.executing()
      const command = { task, to: 'escalated', actor: orchestrator } as const
      const asked = { reason: 'loop-detected', question: 'It goes round: go on?', level: 'admin' } as const
      const { task: asking } = await setting.machine.transition({ ...command, ...asked })
      expect(asking).toMatchObject({
        status: 'escalated',
        resumeTo: 'executing',
        waitingFor: { guard: null },
      })
      expect(await setting.raised(task)).toMatchObject([
        { reason: 'loop-detected', level: 'admin', details: { question: 'It goes round: go on?' } },
      ])
      expect(await setting.move(await setting.settle(asking, 'retry'), 'executing')).toMatchObject({
        status: 'executing',
      })
    })
  })
}
