import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../audit/index.ts'
import type { SqlDatabase, SqlTransaction } from '../storage/index.ts'
import { EffectLedger } from './effect-ledger.ts'
import type { Escalation, EscalationSink } from './escalation-sink.ts'
import { GUARD_PASSED, type Guard } from './guard.ts'
import type { NewTask, Task } from './task.ts'
import { type ClaimedTask, TaskClaims } from './task-claims.ts'
import { TaskMachine } from './task-machine.ts'
import { TaskStore } from './task-store.ts'
import { TransitionTable } from './transition-table.ts'

/** A database with the modules events, audit and tasks applied, and how to leave it. */
export interface OpenedTaskDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

class RecordingSink implements EscalationSink {
  readonly raised: Escalation[] = []
  failure: Error | undefined

  async raise(_tx: SqlTransaction, escalation: Escalation): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    this.raised.push(escalation)
  }
}

const good: Guard = {
  name: 'good',
  check: (task) =>
    task.evidence.good === true
      ? GUARD_PASSED
      : { passed: false, reason: 'not-good', feedback: 'make it good', remedy: 'generate' },
}

const ada: Actor = { id: 'ada', kind: 'human', requestId: 'r-1' }
const orchestrator: Actor = { id: 'orchestrator', kind: 'service' }

const table = new TransitionTable([
  { from: 'pending', to: 'generating' },
  { from: 'generating', to: 'testing', guards: [good] },
  { from: 'remediating', to: 'testing', guards: [good] },
  { from: 'testing', to: 'completed' },
])

/** What tasks, effects and claims do on any SqlDatabase. Registers its tests. */
export function taskContract(title: string, open: () => Promise<OpenedTaskDatabase>): void {
  describe(`tasks on ${title}`, () => {
    const store = new TaskStore()
    let opened: OpenedTaskDatabase
    let database: SqlDatabase
    let sink: RecordingSink
    let machine: TaskMachine
    let next = 0

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      sink = new RecordingSink()
      machine = new TaskMachine({ database, table, escalations: sink, policy: { maxAttempts: 2 } })
    })

    afterAll(() => opened.close())

    function newTask(change: Partial<NewTask> = {}): NewTask {
      const taskId = `t-${++next}`
      return {
        tenantId: 'acme',
        taskId,
        projectId: 'p',
        kind: 'root',
        title: 'a task',
        input: { wanted: 1 },
        ...change,
      }
    }

    function move(task: Task, to: Task['status'], evidence?: Record<string, unknown>): Promise<Task> {
      return machine
        .transition({ task, to, actor: orchestrator, ...(evidence === undefined ? {} : { evidence }) })
        .then((outcome) => outcome.task)
    }

    async function eventsOf(taskId: string): Promise<readonly string[]> {
      const found = await database.query<{ event_type: string }>(
        'SELECT event_type FROM outbox WHERE tenant_id = $1 AND subject = $2 ORDER BY position',
        ['acme', taskId],
      )
      return found.rows.map((row) => row.event_type)
    }

    async function auditOf(taskId: string): Promise<readonly string[]> {
      const found = await database.query<{ line: string }>(
        "SELECT concat_ws(' ', action, 'by', actor_kind, actor) AS line FROM audit_log WHERE tenant_id = $1 AND resource = $2 ORDER BY entry_id",
        ['acme', `task/${taskId}`],
      )
      return found.rows.map((row) => row.line)
    }

    it('creates a task with its event and its audit entry, and once only', async () => {
      const wanted = newTask()
      const task = await machine.create(wanted, ada)
      expect(task).toMatchObject({
        status: 'pending',
        version: 1,
        attempts: {},
        evidence: {},
        parentTaskId: null,
      })
      expect(await machine.create(wanted, ada)).toEqual(task)
      expect(await eventsOf(wanted.taskId)).toEqual(['task.created'])
      expect(await auditOf(wanted.taskId)).toEqual(['task.create by human ada'])
    })

    it('keeps a hostile title byte for byte', async () => {
      const title = 'test; DROP TABLE tasks; -- \'"\\ \u202e'
      expect((await machine.create(newTask({ title }), ada)).title).toBe(title)
    })

    it('tells every task, also where the ids of two tenants and their tasks read alike in a row', async () => {
      await machine.create(newTask({ tenantId: 'x:y', taskId: 'z' }), ada)
      await machine.create(newTask({ tenantId: 'x', taskId: 'y:z' }), ada)
      const told = await database.query<{ tenant_id: string }>(
        "SELECT tenant_id FROM outbox WHERE tenant_id IN ('x', 'x:y') ORDER BY tenant_id",
      )
      expect(told.rows.map((row) => row.tenant_id)).toEqual(['x', 'x:y'])
    })

    it('keeps evidence that PostgreSQL cannot hold as it is: NUL and half characters become U+FFFD', async () => {
      const task = await machine.create(newTask({ input: { 'a\u0000': 'b\ud83d' } }), ada)
      expect(task.input).toEqual({ 'a\ufffd': 'b\ufffd' })
      const cut = { answer: '\ud83d\ude42 nul \u0000, cut \ud83d', path: 'c:\\u0000' }
      const moved = await move(task, 'generating', cut)
      expect(moved.evidence).toEqual({
        answer: '\ud83d\ude42 nul \ufffd, cut \ufffd',
        path: 'c:\\u0000',
      })
      expect(
        await machine.create({ ...newTask(), taskId: task.taskId, input: { 'a\u0000': 'b\ud83d' } }, ada),
      ).toMatchObject({ taskId: task.taskId })
    })

    it('gives another attempt to a task whose id and title are as long as they may be', async () => {
      const wanted = newTask({ taskId: 'i'.repeat(256), title: `${'🙂'.repeat(995)}title` })
      const tested = await move(await machine.create(wanted, ada), 'generating')
      const remediating = await move(tested, 'testing', { good: false })
      expect(remediating.status).toBe('remediating')
      const [part] = await store.children(database, remediating)
      expect(part).toMatchObject({ kind: 'remediation', parentTaskId: wanted.taskId })
      expect(part?.title.endsWith(': generate, attempt 2')).toBe(true)
      expect(part?.taskId.endsWith('/generate-2')).toBe(true)
    })

    it('refuses an id that belongs to a task of other content', async () => {
      const wanted = newTask()
      await machine.create(wanted, ada)
      await expect(machine.create({ ...wanted, input: { wanted: 2 } }, ada)).rejects.toMatchObject({
        code: 'TASK_EXISTS',
      })
    })

    it('does not show a task to another tenant', async () => {
      const task = await machine.create(newTask(), ada)
      await expect(store.get(database, { ...task, tenantId: 'other' })).rejects.toMatchObject({
        code: 'TASK_NOT_FOUND',
      })
      expect((await store.list(database, { tenantId: 'other' })).items).toEqual([])
    })

    it('moves a task, keeping its evidence, its event and its audit entry', async () => {
      const task = await machine.create(newTask(), ada)
      const generating = await move(task, 'generating')
      const testing = await move(generating, 'testing', { good: true, note: 'x' })
      expect(testing).toMatchObject({ status: 'testing', version: 3, evidence: { good: true, note: 'x' } })
      expect(await move(testing, 'completed')).toMatchObject({ status: 'completed' })
      expect(await eventsOf(task.taskId)).toEqual([
        'task.created',
        'task.transitioned',
        'task.transitioned',
        'task.completed',
      ])
      expect(await auditOf(task.taskId)).toHaveLength(4)
    })

    it('refuses a transition decided on an old version, and changes nothing', async () => {
      const task = await machine.create(newTask(), ada)
      await move(task, 'generating')
      await expect(move(task, 'cancelled')).rejects.toMatchObject({
        code: 'TASK_VERSION_CONFLICT',
        retryable: true,
      })
      expect(await store.get(database, task)).toMatchObject({
        status: 'generating',
        version: 2,
      })
    })

    it('lets exactly one of many simultaneous transitions win', async () => {
      const task = await machine.create(newTask(), ada)
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => move(task, 'generating')))
      expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
      for (const one of results) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'TASK_VERSION_CONFLICT' })
      }
      expect(await eventsOf(task.taskId)).toEqual(['task.created', 'task.transitioned'])
    })

    it('makes a remediation task for a failed guard, and escalates when no attempt is left', async () => {
      const task = await move(await machine.create(newTask(), ada), 'generating')
      const remediating = await move(task, 'testing', { good: false })
      expect(remediating).toMatchObject({
        status: 'remediating',
        statusReason: 'not-good',
        attempts: { generate: 2 },
      })
      const [remediation] = await store.children(database, task)
      expect(remediation).toMatchObject({
        kind: 'remediation',
        status: 'pending',
        input: { guard: 'good', step: 'generate', attempt: 2, feedback: 'make it good' },
      })
      const escalated = await move(remediating, 'testing')
      expect(escalated).toMatchObject({ status: 'escalated', statusReason: 'attempts-exhausted' })
      expect(sink.raised.at(-1)).toMatchObject({
        taskId: task.taskId,
        reason: 'attempts-exhausted',
        level: 'supervisor',
      })
      expect(await eventsOf(task.taskId)).toContain('task.escalated')
    })

    it('makes the children of a move with it, and none when the move fails', async () => {
      const task = await machine.create(newTask(), ada)
      const child = newTask({ taskId: `${task.taskId}/part`, parentTaskId: task.taskId, kind: 'child' })
      await expect(
        machine.transition({ task, to: 'completed', actor: orchestrator, children: [child] }),
      ).rejects.toMatchObject({ code: 'TASK_TRANSITION_INVALID' })
      expect(await store.children(database, task)).toEqual([])
      await machine.transition({ task, to: 'generating', actor: orchestrator, children: [child] })
      expect(await store.children(database, task)).toMatchObject([{ taskId: child.taskId, kind: 'child' }])
      expect(await eventsOf(child.taskId)).toEqual(['task.created'])
    })

    it('writes nothing at all when the escalation cannot be recorded', async () => {
      const task = await machine.create(newTask(), ada)
      sink.failure = new Error('no room')
      await expect(move(task, 'escalated')).rejects.toThrow('no room')
      sink.failure = undefined
      expect(await store.get(database, task)).toEqual(task)
      expect(await eventsOf(task.taskId)).toEqual(['task.created'])
    })

    it('pages through tasks in the order of their making', async () => {
      const tenantId = 'paged'
      for (let index = 0; index < 5; index++)
        await machine.create(newTask({ tenantId, taskId: `page-${index}` }), ada)
      const first = await store.list(database, { tenantId, limit: 2 })
      expect(first.items.map((task) => task.taskId)).toEqual(['page-0', 'page-1'])
      const second = await store.list(database, { tenantId, limit: 3, cursor: first.nextCursor ?? '' })
      expect(second.items.map((task) => task.taskId)).toEqual(['page-2', 'page-3', 'page-4'])
      expect(second.nextCursor).toBeNull()
      expect(await store.countByStatus(database, tenantId)).toEqual({ pending: 5 })
    })

    it('lets one caller intend an effect, and replays its result', async () => {
      const task = await machine.create(newTask(), ada)
      const ledger = new EffectLedger({ database })
      const key = { tenantId: 'acme', taskId: task.taskId, effectId: `${task.taskId}|call|1` }
      expect(await ledger.find(key)).toEqual({ state: 'new' })
      const intents = await Promise.all([ledger.intend(key), ledger.intend(key), ledger.intend(key)])
      expect(intents.filter(Boolean)).toHaveLength(1)
      expect(await ledger.find(key)).toEqual({ state: 'intended' })
      await ledger.finish(key, { answer: 42 })
      expect(await ledger.find(key)).toEqual({ state: 'done', result: { answer: 42 } })
      await expect(ledger.finish(key, { answer: 43 })).rejects.toMatchObject({ code: 'EFFECT_NOT_INTENDED' })
      await expect(ledger.markUncertain(key)).rejects.toMatchObject({ code: 'EFFECT_NOT_INTENDED' })
      expect(await ledger.find(key)).toEqual({ state: 'done', result: { answer: 42 } })
    })

    it('keeps an effect uncertain whose intention outlived its caller', async () => {
      const task = await machine.create(newTask(), ada)
      const ledger = new EffectLedger({ database })
      const key = { tenantId: 'acme', taskId: task.taskId, effectId: `${task.taskId}|call|1` }
      await ledger.intend(key)
      await ledger.markUncertain(key)
      expect(await ledger.find(key)).toEqual({ state: 'uncertain' })
      expect(await ledger.intend(key)).toBe(false)
    })

    it('hands each open root to one runner, and no child', async () => {
      await database.query("UPDATE tasks SET status = 'cancelled'")
      const roots = [await machine.create(newTask(), ada), await machine.create(newTask(), ada)]
      await machine.create(newTask({ kind: 'child', parentTaskId: roots[0]?.taskId ?? '' }), ada)
      const runners = Array.from(
        { length: 4 },
        (_, index) => new TaskClaims({ database, owner: `runner-${index}` }),
      )
      const claims = await Promise.all(runners.map((runner) => runner.claimNext()))
      const claimed = claims.filter((claim) => claim !== undefined).map((claim) => claim.taskId)
      expect(claimed.sort()).toEqual(roots.map((task) => task.taskId).sort())
    })

    it('gives a root to another runner when its lease has lapsed, and tells the first', async () => {
      await database.query("UPDATE tasks SET status = 'cancelled'")
      const task = await machine.create(newTask(), ada)
      const [first, second] = ['first', 'second'].map((owner) => new TaskClaims({ database, owner }))
      const claim = await first?.claimNext()
      if (claim === undefined) throw new Error('nothing was claimed')
      expect(claim.taskId).toBe(task.taskId)
      expect(await second?.claimNext()).toBeUndefined()
      await lapse(claim)
      const other = await second?.claimNext()
      if (other === undefined) throw new Error('nothing was claimed')
      expect(other.taskId).toBe(task.taskId)
      expect(await first?.renew(claim)).toBe(false)
      await first?.release(claim)
      expect(await second?.renew(other)).toBe(true)
    })

    it('tells a runner that its lapsed claim is another than the one it made anew itself', async () => {
      await database.query("UPDATE tasks SET status = 'cancelled'")
      await machine.create(newTask(), ada)
      const claims = new TaskClaims({ database, owner: 'runner' })
      const lapsed = await claims.claimNext()
      if (lapsed === undefined) throw new Error('nothing was claimed')
      await lapse(lapsed)
      const anew = await claims.claimNext()
      if (anew === undefined) throw new Error('nothing was claimed')
      expect(await claims.renew(lapsed)).toBe(false)
      expect(await claims.renew(anew)).toBe(true)
    })

    it('renews no claim on a task that has ended', async () => {
      await database.query("UPDATE tasks SET status = 'cancelled'")
      const task = await machine.create(newTask(), ada)
      const claims = new TaskClaims({ database, owner: 'runner' })
      const claim = await claims.claimNext()
      if (claim === undefined) throw new Error('nothing was claimed')
      await move(task, 'cancelled')
      expect(await claims.renew(claim)).toBe(false)
    })

    it('leaves a root whose run failed alone for the pause, and counts such runs until it moves', async () => {
      await database.query("UPDATE tasks SET status = 'cancelled'")
      const task = await machine.create(newTask(), ada)
      const claims = new TaskClaims({ database, owner: 'runner' })
      const claimed = async (): Promise<ClaimedTask> => {
        const claim = await claims.claimNext()
        if (claim === undefined) throw new Error('nothing was claimed')
        return claim
      }
      for (const failedRuns of [0, 1]) {
        const claim = await claimed()
        expect(claim.failedRuns).toBe(failedRuns)
        await claims.postpone(claim, 600_000)
        // A renewal that was under way when the run failed must not cut the pause short.
        await claims.renew(claim)
        expect(await pauseSeconds(claim)).toBeGreaterThan(500)
        expect(await claims.claimNext()).toBeUndefined()
        await lapse(claim)
        await claims.postpone({ ...claim, leaseId: 'of another' }, 600_000)
      }
      const claim = await claimed()
      expect(claim.failedRuns).toBe(2)
      await move(task, 'generating')
      await claims.release(claim)
      expect((await claimed()).failedRuns).toBe(0)
    })

    it.each([-1, 0.5, 86_400_001, Number.NaN])('refuses a pause of %s ms', async (afterMs) => {
      const claims = new TaskClaims({ database, owner: 'runner' })
      const claim = { tenantId: 'acme', taskId: 't', leaseId: 'l', failedRuns: 0 }
      await expect(claims.postpone(claim, afterMs)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    })

    it('cancels the open parts of a task that ends, at every depth, and leaves ended ones as they are', async () => {
      const root = await machine.create(newTask(), ada)
      const below = { kind: 'child' as const, parentTaskId: root.taskId }
      const done = await machine.create(newTask(below), ada)
      await move(await move(await move(done, 'generating'), 'testing', { good: true }), 'completed')
      const open = await machine.create(newTask(below), ada)
      const remediating = await move(await move(open, 'generating'), 'testing', { good: false })
      expect(remediating.status).toBe('remediating')
      await move(root, 'cancelled')
      const statusOf = async (taskId: string): Promise<unknown> => {
        const { status, statusReason } = await store.get(database, { tenantId: 'acme', taskId })
        return [status, statusReason]
      }
      expect(await statusOf(done.taskId)).toEqual(['completed', null])
      expect(await statusOf(open.taskId)).toEqual(['cancelled', 'parent-cancelled'])
      expect(await statusOf(`${open.taskId}/generate-2`)).toEqual(['cancelled', 'parent-cancelled'])
      expect((await eventsOf(`${open.taskId}/generate-2`)).at(-1)).toBe('task.transitioned')
      await expect(move(remediating, 'testing', { good: true })).rejects.toMatchObject({
        code: 'TASK_VERSION_CONFLICT',
      })
    })

    async function pauseSeconds(claim: ClaimedTask): Promise<number> {
      const { rows } = await database.query<{ seconds: number }>(
        `SELECT extract(epoch FROM lease_until - clock_timestamp())::float8 AS seconds FROM tasks
          WHERE lease_owner = $1`,
        [claim.leaseId],
      )
      return rows[0]?.seconds ?? 0
    }

    async function lapse(claim: ClaimedTask): Promise<void> {
      await database.query(
        "UPDATE tasks SET lease_until = clock_timestamp() - interval '1 second' WHERE lease_owner = $1",
        [claim.leaseId],
      )
    }
  })
}
