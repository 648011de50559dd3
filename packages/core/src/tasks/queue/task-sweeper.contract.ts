import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SqlEventOutbox } from '../../events/index.ts'
import { RecordingLogger } from '../../observability/testing/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { TaskSteps } from '../steps/task-steps.ts'
import type { TaskKey } from '../task.ts'
import { TaskMachine } from '../task-machine.ts'
import { TaskStore } from '../task-store.ts'
import { claimed, makeDue, requestStep } from '../testing/sample-steps.ts'
import { addTask, endTask } from '../testing/sample-tasks.ts'
import type { TaskDatabase } from '../testing/task-databases.ts'
import { TransitionTable } from '../transition-table.ts'
import { TaskSweeper } from './task-sweeper.ts'

/** What the sweeper does on any SqlDatabase. Registers its tests. */
export function taskSweeperContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`the sweeper of tasks on ${title}`, () => {
    const store = new TaskStore()
    let opened: TaskDatabase
    let database: SqlDatabase
    let steps: TaskSteps
    let machine: TaskMachine

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      steps = new TaskSteps({ database, outbox: new SqlEventOutbox() })
      const table = new TransitionTable([{ from: 'submitted', to: 'planning' }])
      machine = new TaskMachine({ database, table, escalations: { raise: async () => {} } })
    })
    afterAll(() => opened.close())

    async function setDeadline({ tenantId, taskId }: TaskKey, secondsAhead: number): Promise<void> {
      await database.query(
        `UPDATE tasks SET deadline_at = clock_timestamp() + make_interval(secs => $3)
          WHERE tenant_id = $1 AND task_id = $2`,
        [tenantId, taskId, secondsAhead],
      )
    }

    async function overdueTask(
      status: 'executing' | 'waiting' | 'escalated' = 'executing',
    ): Promise<TaskKey> {
      const task = await addTask(database, { status })
      await setDeadline(task, -1)
      return task
    }

    it('fails tasks past their deadline whatever they do or wait for, and leaves others alone', async () => {
      const overdue = [await overdueTask(), await overdueTask('waiting'), await overdueTask('escalated')]
      const intime = await addTask(database, { status: 'executing' })
      await setDeadline(intime, 600)
      const ended = await overdueTask()
      await endTask(database, ended)
      const sweep = await new TaskSweeper({ database, machine, steps }).runOnce()
      expect(sweep.overdue).toBe(3)
      for (const task of overdue) {
        expect(await store.get(database, task)).toMatchObject({
          status: 'failed',
          statusReason: 'deadline-exceeded',
        })
      }
      expect(await store.get(database, intime)).toMatchObject({ status: 'executing' })
      expect(await store.get(database, ended)).toMatchObject({ status: 'completed' })
    })

    it('lets whoever runs a step of such a task know', async () => {
      const key = await requestStep(database, steps)
      const claim = await claimed(steps, key)
      await setDeadline(key, -1)
      await new TaskSweeper({ database, machine, steps }).runOnce()
      expect(await steps.heartbeat(claim)).toBe('cancelled')
    })

    it('asks again for steps whose holders are gone', async () => {
      const [again, last] = [
        await requestStep(database, steps),
        await requestStep(database, steps, { maxRuns: 1 }),
      ]
      for (const key of [again, last]) {
        await claimed(steps, key)
        await makeDue(database, key)
      }
      const sweep = await new TaskSweeper({ database, machine, steps }).runOnce()
      expect(sweep).toMatchObject({ requestedAgain: 1, failedSteps: 1 })
      expect(await steps.get(again)).toMatchObject({ state: 'requested' })
      expect(await steps.get(last)).toMatchObject({ state: 'failed' })
    })

    it('ends each task once, however many sweep at once', async () => {
      const tasks = await Promise.all(Array.from({ length: 6 }, () => overdueTask()))
      const sweepers = Array.from({ length: 4 }, () => new TaskSweeper({ database, machine, steps }))
      const sweeps = await Promise.all(sweepers.map((sweeper) => sweeper.runOnce()))
      expect(sweeps.reduce((sum, { overdue }) => sum + overdue, 0)).toBe(6)
      for (const task of tasks) expect(await store.get(database, task)).toMatchObject({ version: 2 })
    })

    it('ends no more tasks at once than it may, those that are late longest first', async () => {
      const tasks = [await overdueTask(), await overdueTask()]
      for (const [index, task] of tasks.entries()) await setDeadline(task, -10 * index - 10)
      const sweeper = new TaskSweeper({ database, machine, steps, maxBatchLength: 1 })
      expect(await sweeper.runOnce()).toMatchObject({ overdue: 1 })
      expect(await Promise.all(tasks.map(statusOf))).toEqual(['executing', 'failed'])
      expect(await sweeper.runOnce()).toMatchObject({ overdue: 1 })
    })

    it('goes on with the others where a task cannot be ended, says so, and tries again', async () => {
      const [stuck, other] = [await overdueTask(), await overdueTask()]
      const logger = new RecordingLogger()
      const picky: Pick<TaskMachine, 'transition'> = {
        transition: async (command) => {
          if (command.task.taskId === stuck.taskId) throw new Error('no room')
          return machine.transition(command)
        },
      }
      const clock = new FakeClock()
      const sweeper = new TaskSweeper({ database, machine: picky, steps, logger, clock })
      expect(await sweeper.runOnce()).toMatchObject({ overdue: 1 })
      expect(await Promise.all([stuck, other].map(statusOf))).toEqual(['executing', 'failed'])
      expect(logger.lines).toMatchObject([
        {
          ...{ level: 'error', message: 'a task past its deadline could not be ended' },
          fields: { err: { message: 'no room' }, taskId: stuck.taskId },
        },
      ])
      await new TaskSweeper({ database, machine, steps }).runOnce()
      expect(await statusOf(stuck)).toBe('failed')
    })

    async function statusOf(key: TaskKey): Promise<string> {
      return (await store.get(database, key)).status
    }
  })
}
