import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SqlEventOutbox } from '../../events/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { EffectLedger } from '../effect-ledger.ts'
import { TaskSteps } from '../steps/task-steps.ts'
import type { Task, TaskKey } from '../task.ts'
import { MachineSetting } from '../testing/machine-setting.ts'
import type { TaskDatabase } from '../testing/task-databases.ts'
import { TaskSweeper, type TaskSweeperOptions } from './task-sweeper.ts'

const DAY_MS = 86_400_000
const retentionMs = 30 * DAY_MS

/** What becomes of tasks that ended long ago on any SqlDatabase. Registers its tests. */
export function forgetTasksContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`old tasks on ${title}`, () => {
    let opened: TaskDatabase
    let database: SqlDatabase
    let setting: MachineSetting
    let steps: TaskSteps
    let effects: EffectLedger

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      await new MachineSetting(database).prepare()
    })
    beforeEach(async () => {
      await database.script('TRUNCATE tasks, task_counts CASCADE')
      setting = new MachineSetting(database)
      steps = new TaskSteps({ database, outbox: new SqlEventOutbox() })
      effects = new EffectLedger({ database })
    })
    afterAll(() => opened.close())

    function sweeper(options: Partial<TaskSweeperOptions> = {}): TaskSweeper {
      return new TaskSweeper({ database, machine: setting.machine, steps, ...options })
    }

    /** Lets a task and all below it have changed last so many days ago. */
    async function age(task: TaskKey, days: number): Promise<void> {
      await database.query(
        `UPDATE tasks SET updated_at = clock_timestamp() - make_interval(days => $3::int)
          WHERE tenant_id = $1 AND root_task_id = $2`,
        [task.tenantId, task.taskId, days],
      )
    }

    async function rows(table: string): Promise<number> {
      return (await database.query(`SELECT FROM ${table}`)).rowCount
    }

    async function idsLeft(): Promise<readonly string[]> {
      const { rows } = await database.query<{ task_id: string }>(
        'SELECT task_id FROM tasks ORDER BY position',
      )
      return rows.map((row) => row.task_id)
    }

    async function endedRoot(days: number): Promise<Task> {
      const task = await setting.move(await setting.create(), 'cancelled')
      await age(task, days)
      return task
    }

    /** A root that failed, with a child of its own child, a remediation task, fixes, a step and an effect. */
    async function endedFamily(days: number): Promise<Task> {
      const mending = await setting.mending()
      const remediation = await setting.remediationOf(mending)
      const step = { ...remediation, stepId: 'generate:1', service: 'agent', request: {} }
      await database.transaction((tx) => steps.request(step, { tx }))
      const claim = await steps.claim(step, { owner: 'a' })
      const effect = { ...remediation, effectId: `${remediation.taskId}|call` }
      await effects.intend(effect, claim)
      await effects.finish(effect, {}, claim)
      const root = await setting.move(mending, 'failed')
      await age(root, days)
      return root
    }

    it('go with their children, steps, fixes and effects; what tells of them stays', async () => {
      const root = await endedFamily(31)
      const before = [await rows('audit_log'), await rows('outbox')]
      for (const table of ['tasks', 'task_steps', 'task_fixes', 'task_effects'])
        expect(await rows(table)).toBeGreaterThan(0)
      expect(await sweeper().forgetEnded({ retentionMs })).toBe(1)
      for (const table of ['tasks', 'task_steps', 'task_fixes', 'task_effects'])
        expect([table, await rows(table)]).toEqual([table, 0])
      expect([await rows('audit_log'), await rows('outbox')]).toEqual(before)
      expect(await setting.audit(root)).not.toEqual([])
      expect(await setting.store.countByStatus(database, 'acme')).toEqual({})
    })

    it('stay while they are young, open or above something open', async () => {
      const young = await endedRoot(29)
      const open = await setting.executing()
      await age(open, 31)
      const above = await setting.split(await setting.move(await setting.create(), 'planning'), 'part')
      await database.query(
        `UPDATE tasks SET status = 'failed', waiting_for = NULL, resume_to = NULL, wake_at = NULL WHERE task_id = $1`,
        [above.taskId],
      )
      await age(above, 31)
      expect(await sweeper().forgetEnded({ retentionMs })).toBe(0)
      expect(await idsLeft()).toEqual([young.taskId, open.taskId, above.taskId, `${above.taskId}/part`])
    })

    it('go oldest first, no more at once than asked for, and not once the signal fired', async () => {
      const [newer, oldest, older] = [await endedRoot(31), await endedRoot(50), await endedRoot(40)]
      expect(await sweeper().forgetEnded({ retentionMs, signal: AbortSignal.abort() })).toBe(0)
      expect(await sweeper().forgetEnded({ retentionMs, limit: 1 })).toBe(1)
      expect(await idsLeft()).toEqual([newer.taskId, older.taskId])
      expect(oldest.status).toBe('cancelled')
      expect(await sweeper().forgetEnded({ retentionMs, limit: 50 })).toBe(2)
    })

    it('go once each, however many sweep at once', async () => {
      for (let index = 0; index < 45; index++) await endedRoot(31)
      const kept = await endedRoot(1)
      const sweeps = Array.from({ length: 4 }, () => sweeper().forgetEnded({ retentionMs }))
      expect((await Promise.all(sweeps)).reduce((sum, one) => sum + one, 0)).toBe(45)
      expect(await idsLeft()).toEqual([kept.taskId])
      expect(await setting.store.countByStatus(database, 'acme')).toEqual({ cancelled: 1 })
    })

    it('leave their ids to whoever wants them', async () => {
      const { taskId } = await endedRoot(31)
      await sweeper().forgetEnded({ retentionMs })
      expect(await setting.create({ taskId, title: 'another' })).toMatchObject({ status: 'submitted' })
    })

    it('go by themselves where a sweeper is told for how long they are kept, at once and then each minute', async () => {
      await endedRoot(31)
      await sweeper().runOnce()
      expect(await idsLeft()).toHaveLength(1)
      const clock = new FakeClock()
      const forgetful = sweeper({ retentionMs, clock })
      expect(await forgetful.runOnce()).toMatchObject({ forgotten: 1 })
      await endedRoot(31)
      expect(await forgetful.runOnce()).toMatchObject({ forgotten: 0 })
      await clock.advance(60_000)
      expect(await forgetful.runOnce()).toMatchObject({ forgotten: 1 })
    })

    it.each([
      [{ retentionMs: DAY_MS - 1 }, 'retentionMs'],
      [{ retentionMs: Number.NaN }, 'retentionMs'],
      [{ retentionMs: 3651 * DAY_MS }, 'retentionMs'],
      [{ retentionMs, limit: 0 }, 'limit'],
      [{ retentionMs, limit: 100_001 }, 'limit'],
    ])('are not removed by %o', async (options, option) => {
      await endedRoot(5000)
      await expect(sweeper().forgetEnded(options)).rejects.toEqual(invalidOption(option))
      expect(await idsLeft()).toHaveLength(1)
    })
  })
}
