import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Task } from './task.ts'
import { ada, MachineSetting, orchestrator } from './testing/machine-setting.ts'
import type { TaskDatabase } from './testing/task-databases.ts'

/** What a machine does with tasks on any SqlDatabase. Registers its tests. */
export function taskMachineContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`tasks on ${title}`, () => {
    let opened: TaskDatabase
    let setting: MachineSetting

    beforeAll(async () => {
      opened = await open()
      setting = new MachineSetting(opened.database)
      await setting.prepare()
    })

    afterAll(() => opened.close())

    it('creates a task with its event and its audit entry, and once only', async () => {
      const wanted = setting.newTask()
      const task = await setting.machine.create({ task: wanted, actor: ada })
      expect(task).toMatchObject({
        status: 'submitted',
        version: 1,
        kind: 'root',
        rootTaskId: wanted.taskId,
        depth: 0,
        parentTaskId: null,
        waitingFor: null,
        deadlineAt: null,
      })
      expect([task.attempts, task.fixes, task.evidence]).toEqual([{}, {}, {}])
      expect(task.wakeAt).not.toBeNull()
      expect(await setting.machine.create({ task: wanted, actor: ada })).toEqual(task)
      expect(await setting.events(task)).toEqual(['task.created'])
      expect(await setting.audit(task)).toEqual(['task.create allowed by human ada'])
    })

    it('creates many tasks or none of them, in the order given', async () => {
      const wanted = ['c', 'a', 'b'].map((id) => setting.newTask({ tenantId: 'many', taskId: id }))
      const created = await setting.machine.createMany({ tasks: wanted, actor: ada })
      expect(created.map(({ taskId }) => taskId)).toEqual(['c', 'a', 'b'])
      const more = ['d', 'c'].map((id) => setting.newTask({ tenantId: 'many', taskId: id, title: 'other' }))
      await expect(setting.machine.createMany({ tasks: more, actor: ada })).rejects.toMatchObject({
        code: 'TASK_EXISTS',
      })
      expect(await setting.store.countByStatus(opened.database, 'many')).toEqual({ submitted: 3 })
    })

    it('lets two callers make the same tasks at once, in any order', async () => {
      const wanted = Array.from({ length: 8 }, () => setting.newTask({ tenantId: 'twice' }))
      const both = await Promise.all([
        setting.machine.createMany({ tasks: wanted, actor: ada }),
        setting.machine.createMany({ tasks: wanted.toReversed(), actor: ada }),
      ])
      expect(both[0]).toEqual(both[1].toReversed())
      expect(await setting.store.countByStatus(opened.database, 'twice')).toEqual({ submitted: 8 })
    })

    it('keeps a hostile title byte for byte', async () => {
      const title = 'test; DROP TABLE tasks; -- \'"\\ \u202e'
      expect((await setting.create({ title })).title).toBe(title)
    })

    it('tells every task, also where the ids of two tenants and their tasks read alike in a row', async () => {
      await setting.create({ tenantId: 'x:y', taskId: 'z' })
      await setting.create({ tenantId: 'x', taskId: 'y:z' })
      expect(await setting.events({ tenantId: 'x:y', taskId: 'z' })).toEqual(['task.created'])
      expect(await setting.events({ tenantId: 'x', taskId: 'y:z' })).toEqual(['task.created'])
    })

    it('keeps evidence that PostgreSQL cannot hold as it is: NUL and half characters become U+FFFD', async () => {
      const task = await setting.create({ input: { 'a\u0000': 'b\ud83d' } })
      expect(task.input).toEqual({ 'a\ufffd': 'b\ufffd' })
      const cut = { answer: '\ud83d\ude42 nul \u0000, cut \ud83d', path: 'c:\\u0000' }
      const moved = await setting.move(task, 'executing', cut)
      expect(moved.evidence).toEqual({ answer: '\ud83d\ude42 nul \ufffd, cut \ufffd', path: 'c:\\u0000' })
      const again = setting.newTask({ taskId: task.taskId, input: { 'a\u0000': 'b\ud83d' } })
      expect(await setting.machine.create({ task: again, actor: ada })).toMatchObject({ taskId: task.taskId })
    })

    it('refuses an id that belongs to a task of other content', async () => {
      const wanted = setting.newTask()
      await setting.machine.create({ task: wanted, actor: ada })
      await expect(
        setting.machine.create({ task: { ...wanted, input: { wanted: 2 } }, actor: ada }),
      ).rejects.toMatchObject({
        code: 'TASK_EXISTS',
      })
    })

    it('does not show a task to another tenant', async () => {
      const task = await setting.create()
      await expect(setting.get({ ...task, tenantId: 'other' })).rejects.toMatchObject({
        code: 'TASK_NOT_FOUND',
      })
      expect((await setting.store.list(opened.database, { tenantId: 'other' })).items).toEqual([])
    })

    it('moves a task, keeping its evidence, its event and its audit entry', async () => {
      const reviewing = await setting.move(await setting.executing(), 'reviewing', { tests: true, note: 'x' })
      expect(reviewing).toMatchObject({
        status: 'reviewing',
        version: 3,
        evidence: { tests: true, note: 'x' },
      })
      const completed = await setting.move(reviewing, 'completed', { safe: true })
      expect(completed).toMatchObject({ status: 'completed', wakeAt: null })
      const told = ['task.created', 'task.transitioned', 'task.transitioned', 'task.completed']
      expect(await setting.events(completed)).toEqual(told)
      expect(await setting.audit(completed)).toHaveLength(4)
    })

    it('refuses a move that the table does not have, and changes nothing', async () => {
      const task = await setting.create()
      await expect(setting.move(task, 'completed')).rejects.toMatchObject({ code: 'TASK_TRANSITION_INVALID' })
      expect(await setting.get(task)).toEqual(task)
    })

    it('refuses a transition decided on an old version, and changes nothing', async () => {
      const task = await setting.create()
      const moved = await setting.move(task, 'executing')
      await expect(setting.move(task, 'cancelled')).rejects.toMatchObject({
        code: 'TASK_VERSION_CONFLICT',
        retryable: true,
      })
      expect(await setting.get(task)).toEqual(moved)
    })

    it('lets exactly one of many simultaneous transitions win', async () => {
      const task = await setting.create()
      const all = Array.from({ length: 8 }, () => setting.move(task, 'executing'))
      const results = await Promise.allSettled(all)
      expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
      for (const one of results) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'TASK_VERSION_CONFLICT' })
      }
      expect(await setting.events(task)).toEqual(['task.created', 'task.transitioned'])
    })

    it('makes the children of a move with it, below it, with its deadline, and none when the move fails', async () => {
      const deadlineAt = new Date('2026-03-01T12:00:00Z')
      const task = await setting.move(
        await setting.create({ deadlineAt, limits: { maxSteps: 7 } }),
        'planning',
      )
      const child = { taskId: `${task.taskId}/part`, title: 'part', input: {}, limits: { maxSteps: 9 } }
      const command = { task, actor: orchestrator, children: [child] }
      await expect(setting.machine.transition({ ...command, to: 'completed' })).rejects.toMatchObject({
        code: 'TASK_TRANSITION_INVALID',
      })
      expect(await setting.store.children(opened.database, task)).toEqual([])
      const { task: waiting } = await setting.machine.transition({
        ...command,
        to: 'waiting',
        resumeTo: 'executing',
      })
      expect(waiting).toMatchObject({ waitingFor: { kind: 'children' }, resumeTo: 'executing' })
      expect(await setting.store.children(opened.database, task)).toMatchObject([
        {
          taskId: child.taskId,
          kind: 'child',
          depth: 1,
          rootTaskId: task.taskId,
          parentTaskId: task.taskId,
          deadlineAt,
          limits: { maxSteps: 7 },
        },
      ])
      expect(await setting.events({ ...task, taskId: child.taskId })).toEqual(['task.created'])
    })

    it('holds a task to its limits of children and depth, and makes none beyond them', async () => {
      const limits = { maxChildren: 2, maxDepth: 1 }
      const task = await setting.move(await setting.create({ limits }), 'planning')
      await expect(setting.split(task, 'a', 'b', 'c')).rejects.toMatchObject({
        code: 'TASK_FAN_OUT_EXCEEDED',
        details: { limit: 'maxChildren', allowed: 2 },
      })
      expect(await setting.get(task)).toEqual(task)
      await setting.split(task, 'a', 'b')
      const [child] = await setting.store.children(opened.database, task)
      if (child === undefined) throw new Error('no child')
      await expect(setting.split(await setting.move(child, 'planning'), 'a')).rejects.toMatchObject({
        code: 'TASK_FAN_OUT_EXCEEDED',
        details: { limit: 'maxDepth', allowed: 1 },
      })
    })

    it('keeps a task waiting while a child is open, and wakes it when one ends', async () => {
      const task = await setting.move(await setting.create(), 'planning')
      const waiting = await setting.split(task, 'a')
      await opened.database.query('UPDATE tasks SET wake_at = NULL WHERE tenant_id = $1 AND task_id = $2', [
        'acme',
        task.taskId,
      ])
      await expect(setting.move(waiting, 'executing', { parts: true })).rejects.toMatchObject({
        code: 'TASK_STILL_WAITING',
        retryable: true,
      })
      const [child] = await setting.store.children(opened.database, task)
      if (child === undefined) throw new Error('no child')
      await setting.move(await setting.move(child, 'executing'), 'completed')
      expect((await setting.get(task)).wakeAt).not.toBeNull()
      const going = await setting.move(waiting, 'executing', { parts: true })
      expect(going).toMatchObject({ status: 'executing', waitingFor: null, resumeTo: null })
    })

    it('cancels the open parts and steps of a task that ends, at every depth, and leaves ended ones as they are', async () => {
      const root = await setting.move(await setting.create(), 'planning')
      const [done, open] = [`${root.taskId}/done`, `${root.taskId}/open`]
      const deep = `${open}/deep`
      await setting.split(root, 'done', 'open')
      const at = (taskId: string): Promise<Task> => setting.get({ tenantId: 'acme', taskId })
      await setting.move(await setting.move(await at(done), 'executing'), 'completed')
      await setting.split(await setting.move(await at(open), 'planning'), 'deep')
      const failing = await setting.move(await setting.move(await at(deep), 'executing'), 'reviewing')
      expect(failing.waitingFor?.kind).toBe('fix')
      const remediation = await setting.remediationOf(failing)
      await opened.database.query(
        `INSERT INTO task_steps (tenant_id, task_id, step_id, service, kind, max_runs, timeout_ms, due_at)
         VALUES ('acme', $1, 'generate:2', 's', 'generate', 5, 1000, clock_timestamp())`,
        [remediation.taskId],
      )
      await setting.move(await at(root.taskId), 'cancelled')
      const stands = async (taskId: string): Promise<unknown> => {
        const { status, statusReason, wakeAt } = await at(taskId)
        return [status, statusReason, wakeAt]
      }
      expect(await stands(done)).toEqual(['completed', null, null])
      for (const taskId of [open, deep, remediation.taskId])
        expect(await stands(taskId)).toEqual(['cancelled', 'parent-cancelled', null])
      expect((await setting.events(remediation)).at(-1)).toBe('task.transitioned')
      const { rows } = await opened.database.query('SELECT state FROM task_steps WHERE task_id = $1', [
        remediation.taskId,
      ])
      expect(rows).toEqual([{ state: 'cancelled' }])
      await expect(setting.move(failing, 'reviewing', { tests: true })).rejects.toMatchObject({
        code: 'TASK_VERSION_CONFLICT',
      })
    })

    it('lets parents and children end at once, in any order, without waiting for one another', async () => {
      const root = await setting.move(await setting.create(), 'planning')
      const waiting = await setting.split(root, 'a', 'b', 'c', 'd')
      const parts = await setting.store.children(opened.database, root)
      const endings = await Promise.allSettled([
        ...parts.map((part) => setting.move(part, 'failed')),
        setting.move(waiting, 'cancelled'),
        ...parts.map((part) => setting.move(part, 'cancelled')),
      ])
      for (const one of endings)
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'TASK_VERSION_CONFLICT' })
      const ended = await setting.store.children(opened.database, root)
      expect(ended.every(({ status }) => status === 'failed' || status === 'cancelled')).toBe(true)
      expect(await setting.get(root)).toMatchObject({ status: 'cancelled' })
    })

    it('pages through tasks, oldest or newest first, by any of their facts', async () => {
      const tenantId = 'paged'
      for (let index = 0; index < 5; index++) {
        const projectId = index % 2 === 0 ? 'even' : 'odd'
        await setting.create({ tenantId, taskId: `page-${index}`, projectId })
      }
      await setting.move(await setting.get({ tenantId, taskId: 'page-2' }), 'executing')
      const { store } = setting
      const ids = async (options: object): Promise<readonly string[]> => {
        const found: string[] = []
        let cursor: string | null = null
        do {
          const more: { cursor?: string } = cursor === null ? {} : { cursor }
          const page = await store.list(opened.database, { tenantId, limit: 2, ...options, ...more })
          found.push(...page.items.map(({ taskId }) => taskId))
          cursor = page.nextCursor
        } while (cursor !== null)
        return found
      }
      const all = ['page-0', 'page-1', 'page-2', 'page-3', 'page-4']
      expect(await ids({})).toEqual(all)
      expect(await ids({ order: 'newest' })).toEqual(all.toReversed())
      expect(await ids({ projectId: 'even', order: 'newest' })).toEqual(['page-4', 'page-2', 'page-0'])
      expect(await ids({ projectId: 'even', status: 'submitted' })).toEqual(['page-0', 'page-4'])
      expect(await ids({ createdBy: 'ada', status: 'executing' })).toEqual(['page-2'])
      expect(await ids({ createdBy: 'bob' })).toEqual([])
      expect(await ids({ kind: 'child' })).toEqual([])
      expect(await ids({ parentTaskId: 'page-0' })).toEqual([])
      await expect(store.list(opened.database, { tenantId, order: 'any' as 'oldest' })).rejects.toEqual(
        invalidOption('order'),
      )
    })

    it('counts tasks by status exactly, however the changes were folded meanwhile', async () => {
      const tenantId = 'counted'
      const counts = (): Promise<unknown> => setting.store.countByStatus(opened.database, tenantId)
      expect(await counts()).toEqual({})
      const tasks = await setting.machine.createMany({
        tasks: Array.from({ length: 6 }, () => setting.newTask({ tenantId })),
        actor: ada,
      })
      const fold = (): Promise<number> => setting.store.foldCounts(opened.database, 3)
      await Promise.all([...tasks.slice(0, 4).map((task) => setting.move(task, 'executing')), fold(), fold()])
      expect(await counts()).toEqual({ submitted: 2, executing: 4 })
      while ((await setting.store.foldCounts(opened.database)) > 0);
      expect(await counts()).toEqual({ submitted: 2, executing: 4 })
      const { rows } = await opened.database.query<{ kept: number }>(
        'SELECT count(*)::int AS kept FROM task_counts WHERE tenant_id = $1',
        [tenantId],
      )
      expect(rows).toEqual([{ kept: 2 }])
    })

    it.each([
      ['taskId', { taskId: '' }],
      ['taskId', { taskId: 'a\u0000b' }],
      ['title', { title: '' }],
      ['title', { title: 'x'.repeat(1001) }],
      ['limits.maxSteps', { limits: { maxSteps: 0 } }],
      ['limits.maxDepth', { limits: { maxDepth: 33 } }],
      ['tenantId', { tenantId: 'x'.repeat(129) }],
    ])('refuses a task with a bad %s', async (option, change) => {
      await expect(setting.create(change)).rejects.toEqual(invalidOption(option))
    })
  })
}
