import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../audit/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import type { NewTask } from '../task.ts'
import { TaskMachine } from '../task-machine.ts'
import { endTask } from '../testing/sample-tasks.ts'
import type { TaskDatabase } from '../testing/task-databases.ts'
import { TransitionTable } from '../transition-table.ts'
import { TaskQuotas } from './task-quotas.ts'

const ada: Actor = { id: 'ada', kind: 'human' }

/** What quotas do on any SqlDatabase. Registers its tests. */
export function taskQuotasContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`quotas of tasks on ${title}`, () => {
    let opened: TaskDatabase
    let database: SqlDatabase
    let quotas: TaskQuotas
    let machine: TaskMachine

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      quotas = new TaskQuotas({ database, retryAfterMs: 1234 })
      machine = machineWith(quotas)
    })
    afterAll(() => opened.close())

    function machineWith(own: TaskQuotas): TaskMachine {
      const table = new TransitionTable([{ from: 'submitted', to: 'planning' }])
      return new TaskMachine({ database, table, escalations: { raise: async () => {} }, quotas: own })
    }

    function newTask(tenantId: string): NewTask {
      return { tenantId, taskId: randomName('task'), projectId: 'p', title: 'a task', input: {} }
    }

    async function openTasks(tenantId: string): Promise<number> {
      const { rows } = await database.query<{ open: number }>(
        `SELECT count(*)::int AS open FROM tasks
          WHERE tenant_id = $1 AND status NOT IN ('completed', 'failed', 'cancelled')`,
        [tenantId],
      )
      return rows[0]?.open ?? 0
    }

    it('lets exactly as many of 50 creations at once succeed as there is room for', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: 17, maxRunning: null })
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, () => machine.create({ task: newTask(tenantId), actor: ada })),
      )
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(17)
      expect(await openTasks(tenantId)).toBe(17)
      for (const result of results) {
        if (result.status === 'rejected') {
          expect(result.reason).toMatchObject({
            code: 'TASK_QUOTA_EXCEEDED',
            retryable: true,
            details: { maxOpen: 17, retryAfterMs: 1234 },
          })
        }
      }
    })

    it('has room again as tasks end, whichever way', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: 1, maxRunning: null })
      for (const ending of ['completed', 'failed', 'cancelled'] as const) {
        const task = await machine.create({ task: newTask(tenantId), actor: ada })
        await expect(machine.create({ task: newTask(tenantId), actor: ada })).rejects.toMatchObject({
          code: 'TASK_QUOTA_EXCEEDED',
        })
        await endTask(database, task, ending)
      }
    })

    it('answers for a task that is there, however full the tenant is', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: 1, maxRunning: null })
      const wanted = newTask(tenantId)
      const task = await machine.create({ task: wanted, actor: ada })
      await quotas.set({ tenantId, maxOpen: 0, maxRunning: null })
      expect(await machine.create({ task: wanted, actor: ada })).toEqual(task)
    })

    it('makes all of many tasks or none', async () => {
      const [full, free] = [randomName('a'), randomName('b')]
      await quotas.set({ tenantId: full, maxOpen: 2, maxRunning: null })
      const tasks = [newTask(free), newTask(full), newTask(full), newTask(full)]
      await expect(machine.createMany({ tasks, actor: ada })).rejects.toMatchObject({
        code: 'TASK_QUOTA_EXCEEDED',
      })
      expect([await openTasks(full), await openTasks(free)]).toEqual([0, 0])
      await machine.createMany({ tasks: tasks.slice(0, 3), actor: ada })
      expect([await openTasks(full), await openTasks(free)]).toEqual([2, 1])
    })

    it('holds a tenant to the bound by default, however many tasks come at once', async () => {
      const bounded = machineWith(new TaskQuotas({ database, defaults: { maxOpen: 3 } }))
      const tenantId = randomName('tenant')
      const results = await Promise.allSettled(
        Array.from({ length: 12 }, () => bounded.create({ task: newTask(tenantId), actor: ada })),
      )
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
      await quotas.set({ tenantId, maxOpen: 4, maxRunning: null })
      await bounded.create({ task: newTask(tenantId), actor: ada })
      await expect(bounded.create({ task: newTask(tenantId), actor: ada })).rejects.toMatchObject({
        code: 'TASK_QUOTA_EXCEEDED',
      })
    })

    it('keeps a bound that is left out, and sets with the transaction of its caller', async () => {
      const tenantId = randomName('tenant')
      await quotas.set({ tenantId, maxOpen: 5 })
      await quotas.set({ tenantId, maxRunning: 2 })
      expect(await quotas.get({ tenantId })).toEqual({ maxOpen: 5, maxRunning: 2 })
      await quotas.set({ tenantId, maxOpen: null })
      expect(await quotas.get({ tenantId })).toEqual({ maxOpen: null, maxRunning: 2 })
      const undone = database.transaction(async (tx) => {
        await quotas.set({ tenantId, maxOpen: 9 }, { tx })
        throw new Error('undone')
      })
      await expect(undone).rejects.toThrow('undone')
      expect(await quotas.get({ tenantId })).toEqual({ maxOpen: null, maxRunning: 2 })
    })

    it.each<[quota: object, option: string]>([
      [{ maxOpen: -1, maxRunning: null }, 'maxOpen'],
      [{ maxOpen: 1.5, maxRunning: null }, 'maxOpen'],
      [{ maxOpen: null, maxRunning: 100_001 }, 'maxRunning'],
      [{ max_open: 5 }, 'max_open'],
    ])('refuses the bounds %o', async (quota, option) => {
      const refused = invalidOption(option)
      await expect(quotas.set({ tenantId: 't', ...quota })).rejects.toEqual(refused)
      expect(() => new TaskQuotas({ database, defaults: quota })).toThrow(refused)
    })
  })
}
