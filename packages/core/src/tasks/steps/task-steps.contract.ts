import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SqlEventOutbox } from '../../events/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { TaskError } from '../task-error.ts'
import { claimed, makeDue, requestStep } from '../testing/sample-steps.ts'
import { addTask, endTask, eventsOf, isDue } from '../testing/sample-tasks.ts'
import type { TaskDatabase } from '../testing/task-databases.ts'
import { TaskSteps } from './task-steps.ts'

/** What steps do on any SqlDatabase. Registers its tests. */
export function taskStepsContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`steps on ${title}`, () => {
    let opened: TaskDatabase
    let database: SqlDatabase
    let steps: TaskSteps

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      steps = new TaskSteps({ database, outbox: new SqlEventOutbox(), pollGraceMs: 0 })
    })
    afterAll(() => opened.close())

    it('asks for a step once, with its event, however often it is asked for', async () => {
      const key = await requestStep(database, steps)
      const again = { ...key, service: 'agent', request: { other: true } }
      expect(await database.transaction((tx) => steps.request(again, { tx }))).toBe(false)
      expect(await steps.get(key)).toMatchObject({
        state: 'requested',
        kind: 'generate',
        request: { role: 'developer' },
        fence: 0,
        runs: 0,
        maxRuns: 5,
        timeoutMs: 600_000,
        result: null,
        error: null,
        deadlineAt: null,
        endedAt: null,
      })
      expect(await eventsOf(database, key)).toEqual(['task.step.requested.agent'])
    })

    it('asks for nothing where the task has ended, has moved on, or is not there', async () => {
      const task = await addTask(database, { status: 'executing' })
      const step = { ...task, stepId: 's', service: 'agent', request: {} }
      const request = (change: object): Promise<boolean> =>
        database.transaction((tx) => steps.request({ ...step, ...change }, { tx }))
      await expect(request({ taskVersion: 7 })).rejects.toMatchObject({
        code: 'TASK_VERSION_CONFLICT',
        retryable: true,
      })
      await expect(request({ taskId: 'none' })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
      expect(await request({ taskVersion: 1, stepId: 'first' })).toBe(true)
      await endTask(database, task)
      expect(await request({ stepId: 'first' })).toBe(false)
      await expect(request({})).rejects.toMatchObject({ code: 'TASK_ENDED' })
      expect((await steps.list(task)).map(({ stepId }) => stepId)).toEqual(['first'])
    })

    it.each([
      ['stepId', ''],
      ['service', ''],
      ['kind', ''],
      ['timeoutMs', 0],
      ['maxRuns', 0],
      ['request', { text: 'x'.repeat(4_194_304) }, 'at most 4194304 bytes of JSON'],
    ])('refuses a step whose %s cannot be kept', async (option, value, rule?: string) => {
      await expect(requestStep(database, steps, { [option]: value })).rejects.toEqual(
        invalidOption(option, rule),
      )
    })

    it('gives a step to one of many that claim it at once', async () => {
      const key = await requestStep(database, steps)
      const claims = await Promise.all(
        Array.from({ length: 12 }, (_, index) => steps.claim(key, { owner: `p${index}` })),
      )
      const won = claims.filter((claim) => claim !== undefined)
      expect(won).toHaveLength(1)
      expect(won[0]).toMatchObject({ ...key, fence: 1, runs: 1, request: { role: 'developer' } })
      expect(await steps.get(key)).toMatchObject({ state: 'running', fence: 1, runs: 1 })
    })

    it('gives each of the steps of a service to one of many that poll at once', async () => {
      const service = randomName('s').slice(0, 60)
      const keys = await Promise.all(
        Array.from({ length: 5 }, () => requestStep(database, steps, { service })),
      )
      const claims = await Promise.all(
        Array.from({ length: 12 }, (_, index) => steps.claimNext({ service, owner: `p${index}` })),
      )
      const taken = claims.filter((claim) => claim !== undefined).map(({ taskId }) => taskId)
      expect(taken.sort()).toEqual(keys.map(({ taskId }) => taskId).sort())
    })

    it('polls the step that has been due longest, and no fresh one that its message still tells of', async () => {
      const service = randomName('s').slice(0, 60)
      const fresh = await requestStep(database, steps, { service })
      const old = await requestStep(database, steps, { service })
      await makeDue(database, old)
      const patient = new TaskSteps({ database, outbox: new SqlEventOutbox(), pollGraceMs: 600_000 })
      expect((await patient.claimNext({ service, owner: 'a' }))?.taskId).toBe(old.taskId)
      expect(await patient.claimNext({ service, owner: 'a' })).toBeUndefined()
      expect((await steps.claimNext({ service, owner: 'a' }))?.taskId).toBe(fresh.taskId)
      expect(await steps.claimNext({ service: 'another', owner: 'a' })).toBeUndefined()
    })

    it('passes over what could not begin now, and over nothing else of its tenant or kind', async () => {
      const service = randomName('s').slice(0, 60)
      const kinds = ['generate', 'vote', 'generate']
      const [first, second, third] = await Promise.all(
        kinds.map((kind) => requestStep(database, steps, { service, kind })),
      )
      for (const key of [first, second, third]) if (key !== undefined) await makeDue(database, key)
      const generate = { tenantId: first?.tenantId ?? '', kind: 'generate' }
      const further = { tenantId: third?.tenantId ?? '', kind: 'generate' }
      // Another kind of that tenant, and that kind of another tenant, are none of them.
      const except = [
        generate,
        { ...generate, kind: 'vote' },
        { ...generate, tenantId: second?.tenantId ?? '' },
      ]
      expect((await steps.claimNext({ service, owner: 'a', except }))?.taskId).toBe(second?.taskId)
      expect(await steps.claimNext({ service, owner: 'a', except: [generate, further] })).toBeUndefined()
      expect(await steps.claimNext({ service, owner: 'a' })).toMatchObject(generate)
    })

    it('tells one who waits for steps of those alone that have ended', async () => {
      const key = await requestStep(database, steps)
      const open = { ...key, stepId: 'open:1' }
      await database.transaction((tx) => steps.request({ ...open, service: 'agent', request: {} }, { tx }))
      const ids = [key.stepId, open.stepId, 'unknown:1']
      expect(await steps.listEnded({ ...key, stepIds: ids })).toEqual([])
      await steps.finish(await claimed(steps, key), { code: 'x' })
      expect(await steps.listEnded({ ...key, stepIds: ids })).toEqual([await steps.get(key)])
      expect(await steps.listEnded({ ...key, stepIds: [open.stepId] })).toEqual([])
    })

    it('gives back what its work cannot begin now, for as long as it says, and counts no run', async () => {
      const key = await requestStep(database, steps)
      const claim = await claimed(steps, key)
      const busy = async (): Promise<never> => {
        throw TaskError.stepNotNow('nobody is free', 60_000)
      }
      expect(await steps.runClaimed(claim, busy)).toEqual({ kind: 'held-back', afterMs: 60_000 })
      expect(await steps.get(key)).toMatchObject({ state: 'requested', runs: 0, error: null })
      expect(await steps.claim(key, { owner: 'b' })).toBeUndefined()
      await makeDue(database, key)
      expect(await steps.claim(key, { owner: 'b' })).toMatchObject({ runs: 1, fence: 2 })
    })

    it('keeps the result, wakes the task and tells of it, once', async () => {
      const key = await requestStep(database, steps)
      const claim = await claimed(steps, key)
      await steps.finish(claim, { code: 'x' })
      expect(await steps.get(key)).toMatchObject({
        state: 'done',
        result: { code: 'x' },
        deadlineAt: null,
      })
      expect(await isDue(database, key)).toBe(true)
      await steps.finish(claim, { code: 'another' })
      expect(await steps.get(key)).toMatchObject({ state: 'done', result: { code: 'x' } })
      await expect(steps.fail(claim, new Error('late'), { retryable: false })).rejects.toMatchObject({
        code: 'STEP_LEASE_LOST',
      })
      expect(await eventsOf(database, key)).toEqual(['task.step.requested.agent', 'task.step.done'])
      expect(await steps.claim(key, { owner: 'b' })).toBeUndefined()
    })

    it('writes nothing of a result whose transaction fails', async () => {
      const key = await requestStep(database, steps)
      const claim = await claimed(steps, key)
      const outcome = database.transaction(async (tx) => {
        await steps.finish(claim, { code: 'x' }, { tx })
        throw new Error('no room')
      })
      await expect(outcome).rejects.toThrow('no room')
      expect(await steps.get(key)).toMatchObject({ state: 'running', result: null })
      expect(await isDue(database, key)).toBe(false)
      expect(await eventsOf(database, key)).toEqual(['task.step.requested.agent'])
    })

    it('takes nothing from a holder whose step another has claimed since', async () => {
      const key = await requestStep(database, steps)
      const paused = await claimed(steps, key, 'paused')
      expect(await steps.claim(key, { owner: 'other' })).toBeUndefined()
      await makeDue(database, key)
      const other = await claimed(steps, key, 'other')
      expect(other).toMatchObject({ fence: 2, runs: 2 })
      expect(await steps.heartbeat(paused)).toBe('lost')
      const lost = { code: 'STEP_LEASE_LOST', details: { state: 'running' } }
      await expect(steps.finish(paused, { by: 'paused' })).rejects.toMatchObject(lost)
      await expect(steps.fail(paused, new Error('x'), { retryable: true })).rejects.toMatchObject(lost)
      await expect(steps.fail(paused, new Error('x'), { retryable: false })).rejects.toMatchObject(lost)
      await expect(steps.release(paused)).rejects.toMatchObject(lost)
      expect(await isDue(database, key)).toBe(false)
      await steps.finish(other, { by: 'other' })
      await expect(steps.finish(paused, { by: 'paused' })).rejects.toMatchObject({ code: 'STEP_LEASE_LOST' })
      expect(await steps.get(key)).toMatchObject({ state: 'done', result: { by: 'other' } })
    })

    it('lets a holder whose lease has lapsed finish as long as nobody else has claimed the step', async () => {
      const key = await requestStep(database, steps)
      const claim = await claimed(steps, key)
      await makeDue(database, key)
      await steps.finish(claim, { late: true })
      expect(await steps.get(key)).toMatchObject({ state: 'done' })
    })

    it('renews a lease, so that nobody else claims the step, until the time of the run is over', async () => {
      const key = await requestStep(database, steps)
      const claim = await claimed(steps, key)
      await makeDue(database, key)
      expect(await steps.heartbeat(claim)).toBe('held')
      expect(await steps.claim(key, { owner: 'other' })).toBeUndefined()
      await database.query(
        "UPDATE task_steps SET deadline_at = clock_timestamp() - interval '1 second' WHERE task_id = $1",
        [key.taskId],
      )
      expect(await steps.heartbeat(claim)).toBe('lost')
      await expect(steps.heartbeat({ ...claim, stepId: 'none' })).rejects.toMatchObject({
        code: 'STEP_NOT_FOUND',
      })
    })

    it('cancels the open steps of a task, and tells their holders', async () => {
      const key = await requestStep(database, steps)
      const done = await claimed(steps, key)
      await steps.finish(done, {})
      const next = (stepId: string): Promise<boolean> =>
        database.transaction((tx) => steps.request({ ...key, stepId, service: 'agent', request: {} }, { tx }))
      await next('test:1')
      await next('test:2')
      const running = await claimed(steps, { ...key, stepId: 'test:1' })
      expect(await database.transaction((tx) => steps.cancelOpen(key, { tx }))).toBe(2)
      expect(await steps.heartbeat(running)).toBe('cancelled')
      await expect(steps.finish(running, {})).rejects.toMatchObject({
        code: 'STEP_LEASE_LOST',
        details: { state: 'cancelled' },
      })
      expect(await steps.claim({ ...key, stepId: 'test:2' }, { owner: 'b' })).toBeUndefined()
      const states = (await steps.list(key)).map(({ stepId, state }) => [stepId, state])
      expect(states).toEqual([
        ['generate:1', 'done'],
        ['test:1', 'cancelled'],
        ['test:2', 'cancelled'],
      ])
    })

    it('runs a step again after a failure that may pass, after a longer pause each time, and then no more', async () => {
      const slow = new TaskSteps({
        database,
        outbox: new SqlEventOutbox(),
        initialDelayMs: 600_000,
        maxDelayMs: 6_000_000,
      })
      const key = await requestStep(database, slow, { maxRuns: 3 })
      const pauses: number[] = []
      for (const run of [1, 2]) {
        const claim = await claimed(slow, key)
        expect(claim.runs).toBe(run)
        expect(await slow.fail(claim, new Error(`no ${run}`), { retryable: true })).toBe('requested')
        pauses.push(await pauseSeconds(key))
        expect(await slow.claim(key, { owner: 'b' })).toBeUndefined()
        expect(await isDue(database, key)).toBe(false)
        await makeDue(database, key)
      }
      expect(pauses[0]).toBeGreaterThan(300)
      expect(pauses[1]).toBeGreaterThan((pauses[0] ?? 0) + 300)
      const last = await claimed(slow, key)
      expect(await slow.fail(last, new Error('no 3'), { retryable: true })).toBe('failed')
      expect(await slow.fail(last, new Error('no 3'), { retryable: true })).toBe('failed')
      expect(await slow.get(key)).toMatchObject({
        state: 'failed',
        runs: 3,
        error: { message: 'no 3' },
      })
      expect(await isDue(database, key)).toBe(true)
      expect(await eventsOf(database, key)).toEqual(['task.step.requested.agent', 'task.step.done'])
      expect(await slow.claim(key, { owner: 'b' })).toBeUndefined()
    })

    it('waits as long as a failure asks for', async () => {
      const key = await requestStep(database, steps)
      await steps.fail(await claimed(steps, key), new Error('busy'), {
        retryable: true,
        retryAfterMs: 7_200_000,
      })
      expect(await pauseSeconds(key)).toBeGreaterThan(7000)
      await expect(
        steps.fail({ ...(await steps.get(key)), owner: 'a', deadlineAt: new Date() }, new Error('x'), {
          retryable: true,
          retryAfterMs: -1,
        }),
      ).rejects.toEqual(invalidOption('retryAfterMs'))
    })

    it('ends a step at once after a failure that will not pass', async () => {
      const key = await requestStep(database, steps)
      expect(await steps.fail(await claimed(steps, key), new Error('never'), { retryable: false })).toBe(
        'failed',
      )
      expect(await steps.get(key)).toMatchObject({ state: 'failed', runs: 1 })
    })

    it('gives a step back without counting the run, and tells of it again', async () => {
      const key = await requestStep(database, steps, { maxRuns: 1 })
      const claim = await claimed(steps, key)
      await steps.release(claim)
      expect(await steps.heartbeat(claim)).toBe('lost')
      expect(await steps.get(key)).toMatchObject({ state: 'requested', runs: 0, fence: 1 })
      expect(await eventsOf(database, key)).toEqual(Array(2).fill('task.step.requested.agent'))
      const again = await claimed(steps, key, 'b')
      expect(again).toMatchObject({ runs: 1, fence: 2 })
      await steps.release(again, { afterMs: 600_000 })
      expect(await steps.claim(key, { owner: 'c' })).toBeUndefined()
      expect(await eventsOf(database, key)).toHaveLength(2)
    })

    it('asks again for steps whose holders are gone, and ends those without a further run', async () => {
      const again = await requestStep(database, steps)
      const last = await requestStep(database, steps, { maxRuns: 1 })
      const held = await requestStep(database, steps)
      for (const key of [again, last, held]) await claimed(steps, key)
      await makeDue(database, again)
      await makeDue(database, last)
      const report = await steps.recoverLost()
      expect(report.requested).toBeGreaterThanOrEqual(1)
      expect(report.failed).toBeGreaterThanOrEqual(1)
      expect(await steps.get(again)).toMatchObject({ state: 'requested', runs: 1 })
      expect(await eventsOf(database, again)).toEqual(Array(2).fill('task.step.requested.agent'))
      expect(await steps.get(last)).toMatchObject({
        state: 'failed',
        error: {
          code: 'STEP_LEASE_LOST',
          message: 'the last run ended without a result',
          details: { stepId: last.stepId },
        },
      })
      expect(await isDue(database, last)).toBe(true)
      expect(await eventsOf(database, last)).toEqual(['task.step.requested.agent', 'task.step.done'])
      expect(await steps.get(held)).toMatchObject({ state: 'running' })
    })

    it('shows no step to another tenant', async () => {
      const key = await requestStep(database, steps)
      const other = { ...key, tenantId: 'other' }
      await expect(steps.get(other)).rejects.toMatchObject({ code: 'STEP_NOT_FOUND' })
      expect(await steps.claim(other, { owner: 'a' })).toBeUndefined()
      expect(await steps.list(other)).toEqual([])
    })

    it('keeps a hostile request and result byte for byte', async () => {
      const text = `'; DROP TABLE task_steps; -- "\\ \u202e 💥`
      const key = await requestStep(database, steps, { stepId: text, request: { [text]: text } })
      const claim = await claimed(steps, key)
      expect(claim.request).toEqual({ [text]: text })
      await steps.finish(claim, { [text]: text })
      expect(await steps.get(key)).toMatchObject({ stepId: text, result: { [text]: text } })
    })

    async function pauseSeconds({ taskId }: { readonly taskId: string }): Promise<number> {
      const { rows } = await database.query<{ seconds: number }>(
        'SELECT extract(epoch FROM due_at - clock_timestamp())::float8 AS seconds FROM task_steps WHERE task_id = $1',
        [taskId],
      )
      return rows[0]?.seconds ?? 0
    }
  })
}
