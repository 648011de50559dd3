import { describeWithService, randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SqlDatabase } from '../storage/index.ts'
import { AgentRegistry } from './agents/agent-registry.ts'
import { TaskQueue } from './queue/task-queue.ts'
import { TaskQuotas } from './queue/task-quotas.ts'
import { TaskSteps } from './steps/task-steps.ts'
import { claimed, makeDue, requestStep } from './testing/sample-steps.ts'
import { addTask, endTask } from './testing/sample-tasks.ts'
import { openTasksOnPostgres, type TaskDatabase } from './testing/task-databases.ts'

/** What a test has claimed or looks at stays so while the others run, however slow they are. */
const LONG_MS = 3_600_000

describeWithService('postgres', 'rows that another process holds', (address) => {
  let opened: TaskDatabase
  let database: SqlDatabase
  beforeAll(async () => {
    opened = await openTasksOnPostgres(address)
    database = opened.database
  })
  afterAll(() => opened.close())

  /** Runs `use` while another transaction holds the rows that `where` names. */
  async function whileHeld<T>(
    table: string,
    where: string,
    value: string,
    use: () => Promise<T>,
  ): Promise<T> {
    const [held, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const holding = database.transaction(async (tx) => {
      const { rowCount } = await tx.query(`SELECT FROM ${table} WHERE ${where} = $1 FOR UPDATE`, [value])
      if (rowCount === 0) throw new Error('nothing is held')
      held.resolve()
      await mayEnd.promise
    })
    try {
      await Promise.race([held.promise, holding])
      return await use()
    } finally {
      mayEnd.resolve()
      await holding
    }
  }

  it('are passed over by whoever wants the next step', async () => {
    const service = randomName('s').slice(0, 60)
    const steps = new TaskSteps({ database, pollGraceMs: 0, leaseMs: LONG_MS })
    const first = await requestStep(database, steps, { service })
    const second = await requestStep(database, steps, { service })
    await whileHeld('task_steps', 'task_id', first.taskId, async () => {
      expect((await steps.claimNext({ service, owner: 'a' }))?.taskId).toBe(second.taskId)
      expect(await steps.claimNext({ service, owner: 'a' })).toBeUndefined()
    })
    expect((await steps.claimNext({ service, owner: 'a' }))?.taskId).toBe(first.taskId)
  })

  it('are passed over by whoever asks again for lost steps', async () => {
    const steps = new TaskSteps({ database, leaseMs: LONG_MS })
    const keys = [await requestStep(database, steps), await requestStep(database, steps)] as const
    for (const key of keys) {
      await claimed(steps, key)
      await makeDue(database, key)
    }
    await whileHeld('task_steps', 'task_id', keys[0].taskId, async () => {
      expect(await steps.recoverLost()).toEqual({ requested: 1, failed: 0 })
    })
    expect(await steps.recoverLost()).toEqual({ requested: 1, failed: 0 })
  })

  it('are passed over by whoever looks for due tasks', async () => {
    const queue = new TaskQueue({ database, lookMs: LONG_MS })
    const [first, second] = [await addTask(database), await addTask(database)]
    await whileHeld('tasks', 'task_id', first.taskId, async () => {
      expect(await queue.take(first)).toBeUndefined()
      expect(await queue.due()).toMatchObject([second])
    })
    expect(await queue.due()).toMatchObject([first])
  })

  it('are left for a later look where they are roots that wait for their place', async () => {
    const quotas = new TaskQuotas({ database })
    const queue = new TaskQueue({ database, quotas, lookMs: LONG_MS })
    const tenantId = randomName('tenant')
    await quotas.set({ tenantId, maxRunning: 1 })
    const [first, parked] = [await addTask(database, { tenantId }), await addTask(database, { tenantId })]
    const due = async (): Promise<readonly string[]> =>
      (await queue.due()).filter((task) => task.tenantId === tenantId).map(({ taskId }) => taskId)
    expect(await due()).toEqual([first.taskId])
    expect(await due()).toEqual([])
    await endTask(database, first)
    await whileHeld('tasks', 'task_id', parked.taskId, async () => expect(await due()).toEqual([]))
    expect(await due()).toEqual([parked.taskId])
    const { rows } = await database.query('SELECT has_parked FROM task_quotas WHERE tenant_id = $1', [
      tenantId,
    ])
    expect(rows).toEqual([{ has_parked: false }])
  })

  it('are found all the same where only something is written that refers to them', async () => {
    const steps = new TaskSteps({ database, leaseMs: LONG_MS })
    const queue = new TaskQueue({ database, lookMs: LONG_MS })
    const claim = await claimed(steps, await requestStep(database, steps))
    await queue.wake(claim)
    const [written, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const writing = database.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO task_effects (tenant_id, effect_id, task_id, state) VALUES ($1, 'call', $2, 'intended')`,
        [claim.tenantId, claim.taskId],
      )
      written.resolve()
      await mayEnd.promise
    })
    try {
      await Promise.race([written.promise, writing])
      expect(await queue.take(claim)).toMatchObject({ taskId: claim.taskId })
    } finally {
      mayEnd.resolve()
      await writing
    }
  })

  it('are passed over by whoever wants an agent', async () => {
    const registry = new AgentRegistry({ database })
    const tenantId = randomName('tenant')
    const names = [randomName('a'), randomName('b')] as const
    for (const agentId of names) await registry.register({ tenantId, agentId, role: 'tester' })
    const claim = () => registry.claimIdle({ tenantId, role: 'tester', taskId: 'k', owner: 'p' })
    await whileHeld('agents', 'agent_id', names[0], async () => {
      expect(await claim()).toMatchObject({ agentId: names[1] })
      expect(await claim()).toBeUndefined()
    })
    expect(await claim()).toMatchObject({ agentId: names[0] })
  })
})
