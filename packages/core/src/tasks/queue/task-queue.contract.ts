import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../../storage/index.ts'
import { TaskSteps } from '../steps/task-steps.ts'
import type { TaskKey } from '../task.ts'
import { claimed, requestStep } from '../testing/sample-steps.ts'
import { addTask, endTask } from '../testing/sample-tasks.ts'
import type { TaskDatabase } from '../testing/task-databases.ts'
import type { TaskLook } from './task-look.ts'
import { TaskQueue } from './task-queue.ts'
import { TaskQuotas } from './task-quotas.ts'

const ids = (tasks: readonly TaskKey[]): readonly string[] => tasks.map(({ taskId }) => taskId)

/** What the queue of tasks does on any SqlDatabase. Registers its tests. */
export function taskQueueContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`the queue of tasks on ${title}`, () => {
    let opened: TaskDatabase
    let database: SqlDatabase
    let quotas: TaskQuotas
    let queue: TaskQueue

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      quotas = new TaskQuotas({ database })
      queue = new TaskQueue({ database, quotas, lookMs: 3_600_000 })
    })
    afterAll(() => opened.close())
    // A queue gives out whatever is due: what another test left must not be.
    beforeEach(async () => {
      await database.query('UPDATE tasks SET wake_at = NULL')
      await database.query('UPDATE task_quotas SET has_parked = false')
    })

    async function taken(key: TaskKey): Promise<TaskLook> {
      const look = await queue.take(key)
      if (look === undefined) throw new Error(`${key.taskId} is not due`)
      return look
    }

    async function setDue({ tenantId, taskId }: TaskKey, secondsAgo: number): Promise<void> {
      await database.query(
        `UPDATE tasks SET wake_at = clock_timestamp() - make_interval(secs => $3)
          WHERE tenant_id = $1 AND task_id = $2`,
        [tenantId, taskId, secondsAgo],
      )
    }

    it('gives out what is due, longest first, and no more than asked for', async () => {
      const [late, later, asleep] = [
        await addTask(database),
        await addTask(database),
        await addTask(database),
      ]
      await setDue(late, 10)
      await setDue(later, 20)
      await setDue(asleep, -600)
      expect(ids(await queue.due({ limit: 1 }))).toEqual([later.taskId])
      expect(ids(await queue.due({ limit: 10 }))).toEqual([late.taskId])
      expect(await queue.due({ limit: 10 })).toEqual([])
    })

    it('gives each task to one of many that look at once', async () => {
      const tasks = await Promise.all(Array.from({ length: 12 }, () => addTask(database)))
      const looks = await Promise.all([
        ...Array.from({ length: 6 }, () => queue.due({ limit: 3 })),
        ...tasks.map(async (task) => [await queue.take(task)].filter((look) => look !== undefined)),
      ])
      const rest = await queue.due({ limit: 100 })
      const given = ids([...looks.flat(), ...rest])
      expect([...given].sort()).toEqual([...ids(tasks)].sort())
    })

    it('gives out a task again whose look took too long', async () => {
      const task = await addTask(database)
      const look = await taken(task)
      expect(await queue.due()).toEqual([])
      await setDue(task, 1)
      expect(await queue.settle(look)).toBe(false)
      // The very instant of the look, which lies behind by now.
      const { rows } = await database.query<{ token: bigint }>(
        'SELECT (extract(epoch FROM wake_at) * 1000000)::bigint AS token FROM tasks WHERE task_id = $1',
        [task.taskId],
      )
      expect(await queue.settle({ ...look, token: rows[0]?.token ?? 0n })).toBe(false)
      expect(ids(await queue.due())).toEqual([task.taskId])
    })

    it('lets a task be until it is woken, or for the time that the look says', async () => {
      const task = await addTask(database)
      expect(await queue.settle(await taken(task))).toBe(true)
      expect(await queue.due()).toEqual([])
      expect(await queue.wake(task)).toBe(true)
      const look = await taken(task)
      expect(await queue.settle(look, { afterMs: 600_000 })).toBe(true)
      expect(await queue.take(task)).toBeUndefined()
      expect(await queue.settle(look, { afterMs: 0 })).toBe(false)
    })

    it('forgets no wake that came during a look', async () => {
      const steps = new TaskSteps({ database })
      const step = await requestStep(database, steps)
      await queue.wake(step)
      const look = await taken(step)
      await steps.finish(await claimed(steps, step), {})
      expect(await queue.settle(look)).toBe(false)
      expect(ids(await queue.due())).toEqual([step.taskId])
    })

    it('wakes no task that has ended', async () => {
      const task = await addTask(database)
      await endTask(database, task)
      expect(await queue.wake(task)).toBe(false)
      expect(await queue.wake({ ...task, taskId: 'none' })).toBe(false)
      expect(await queue.take(task)).toBeUndefined()
    })

    it.each([0, 501, 1.5])('refuses to give out %s tasks', async (limit) => {
      await expect(queue.due({ limit })).rejects.toEqual(invalidOption('limit'))
    })

    it('begins as many roots of a tenant as it may have at work, in their order, and the next as one ends', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: null, maxRunning: 2 })
      const tasks: TaskKey[] = []
      for (let index = 0; index < 5; index++) tasks.push(await addTask(database, { tenantId }))
      const other = await addTask(database)
      expect(new Set(ids(await queue.due({ limit: 100 })))).toEqual(
        new Set(ids([...tasks.slice(0, 2), other])),
      )
      expect(await queue.due({ limit: 100 })).toEqual([])
      const late = await addTask(database, { tenantId })
      expect(await queue.take(late)).toBeUndefined()
      for (const next of [2, 3]) {
        await endTask(database, tasks[next - 2] ?? other)
        expect(ids(await queue.due({ limit: 100 }))).toEqual(ids(tasks.slice(next, next + 1)))
        expect(await queue.due({ limit: 100 })).toEqual([])
      }
      for (const task of tasks.slice(2, 4)) await endTask(database, task, 'failed')
      expect(ids(await queue.due({ limit: 100 }))).toEqual(ids([...tasks.slice(4), late]))
      await endTask(database, late)
      expect(await queue.due({ limit: 100 })).toEqual([])
      const fresh = await addTask(database, { tenantId })
      expect(await queue.take(fresh)).toMatchObject(fresh)
    })

    it('lets work that has begun go on, whatever the quota, and does not count what waits for a person', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: null, maxRunning: 1 })
      const first = await addTask(database, { tenantId })
      await taken(first)
      const second = await addTask(database, { tenantId })
      expect(await queue.take(second)).toBeUndefined()
      await queue.wake(first)
      await taken(first)
      await database.query(
        `UPDATE tasks SET status = 'escalated', waiting_for = '{}', resume_to = 'executing' WHERE task_id = $1`,
        [first.taskId],
      )
      expect(ids(await queue.due({ limit: 100 }))).toEqual([second.taskId])
      await queue.wake(first)
      await taken(first)
    })

    it('lets no root overtake those that wait for a place, even where one is free', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: null, maxRunning: 1 })
      const [first, parked] = [await addTask(database, { tenantId }), await addTask(database, { tenantId })]
      await taken(first)
      expect(await queue.take(parked)).toBeUndefined()
      await endTask(database, first)
      const late = await addTask(database, { tenantId })
      expect(await queue.take(late)).toBeUndefined()
      expect(ids(await queue.due({ limit: 100 }))).toEqual([parked.taskId])
    })

    it('wakes no root that waits for its place', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: null, maxRunning: 0 })
      const task = await addTask(database, { tenantId })
      expect(await queue.take(task)).toBeUndefined()
      expect(await queue.wake(task)).toBe(false)
      await quotas.set({ tenantId, maxOpen: null, maxRunning: null })
      expect(ids(await queue.due({ limit: 100 }))).toEqual([task.taskId])
    })

    it('has exactly as many roots of a tenant at work as it may, however many look at once', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: null, maxRunning: 3 })
      const tasks = await Promise.all(Array.from({ length: 20 }, () => addTask(database, { tenantId })))
      const looks = await Promise.all([
        ...Array.from({ length: 6 }, () => queue.due({ limit: 5 })),
        ...tasks.map(async (task) => [await queue.take(task)].filter((look) => look !== undefined)),
      ])
      const rest = await queue.due({ limit: 100 })
      expect(looks.flat().length + rest.length).toBe(3)
    })

    it('lets a crowd of one tenant stand before nobody else for long, where what is at work is bounded', async () => {
      const bounded = new TaskQuotas({ database, defaults: { maxRunning: 3 } })
      const fair = new TaskQueue({ database, quotas: bounded, lookMs: 3_600_000 })
      const crowd = randomName('crowd')
      await database.query(
        `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, status, wake_at, created_by)
         SELECT $1, 'k-' || i, 'p', 'k-' || i, 'root', 'a task', 'submitted',
                clock_timestamp() - interval '1 hour', 'u' FROM generate_series(1, 2000) i`,
        [crowd],
      )
      const other = await addTask(database)
      const given: TaskKey[] = []
      // By 20 at once, in the order of time, it would be the hundred and first look.
      for (let looks = 0; looks < 4; looks++) given.push(...(await fair.due({ limit: 20 })))
      expect(given.filter(({ tenantId }) => tenantId === crowd)).toHaveLength(3)
      expect(ids(given)).toContain(other.taskId)
    })

    it('holds tenants to the bounds by default, unless they have their own', async () => {
      const bounded = new TaskQuotas({ database, defaults: { maxRunning: 1 } })
      const strict = new TaskQueue({ database, quotas: bounded, lookMs: 3_600_000 })
      const tenantId = randomName('tenant')
      expect(await bounded.get({ tenantId })).toEqual({ maxOpen: null, maxRunning: 1 })
      const tasks = [await addTask(database, { tenantId }), await addTask(database, { tenantId })]
      expect(ids(await strict.due({ limit: 100 }))).toEqual(ids(tasks.slice(0, 1)))
      await bounded.set({ tenantId, maxOpen: 7, maxRunning: 2 })
      expect(await bounded.get({ tenantId })).toEqual({ maxOpen: 7, maxRunning: 2 })
      expect(ids(await strict.due({ limit: 100 }))).toEqual(ids(tasks.slice(1)))
    })
  })
}
