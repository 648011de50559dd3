import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepLoadGauges } from './load-gauges.ts'
import { assembleSharedParts, type SharedParts } from './shared-parts.ts'
import { openServerDatabase } from './testing/server-database.ts'

const ada = { id: 'ada', kind: 'human' } as const
const PATIENT = { timeout: 110_000, interval: 50 }
let database: Awaited<ReturnType<typeof openServerDatabase>>
let parts: SharedParts
let metrics: RecordingMetrics

beforeEach(async () => {
  metrics = new RecordingMetrics()
  database = await openServerDatabase()
  const names = { tenantId: 'acme', projectId: 'p' }
  const limits = { projectLimitTokens: 1000, taskLimitTokens: 100 }
  parts = await assembleSharedParts({ database, logger: new RecordingLogger(), metrics, ...names, ...limits })
})
afterEach(async () => {
  await parts.broker.close({ drainTimeoutMs: 10_000 })
  await database.close()
})

/** Measures once. */
async function measure(): Promise<readonly unknown[]> {
  const stopping = new AbortController()
  const seen = metrics.values('queue_depth').length
  const kept = keepLoadGauges({ database, metrics, logger: new RecordingLogger() }, stopping.signal)
  await expect.poll(() => metrics.values('queue_depth').length, PATIENT).toBeGreaterThanOrEqual(seen + 4)
  stopping.abort()
  await kept
  return [metrics.gaugeValue('active_tasks'), metrics.gaugeValue('escalations_open')]
}

it('scalers are told of tasks that have not ended and of escalations that nobody has resolved', async () => {
  expect(await measure()).toEqual([0, 0])
  const base = { tenantId: 'acme', projectId: 'p', kind: 'root', title: 't', input: {} } as const
  const task = await parts.machine.create({ task: { ...base, taskId: 'one' }, actor: ada })
  await parts.machine.create({ task: { ...base, taskId: 'two' }, actor: ada })
  const report = { tenantId: 'acme', subject: { kind: 'x', id: '1' }, reason: 'r', severity: 'info' } as const
  const { escalation } = await database.transaction((tx) => parts.escalations.report(report, { tx }))
  expect(await measure()).toEqual([2, 1])
  await parts.machine.transition({ task, to: 'cancelled', actor: ada })
  const { escalationId } = escalation
  await parts.escalations.resolve({ tenantId: 'acme', escalationId, actor: ada, resolution: 'done' })
  expect(await measure()).toEqual([1, 0])
})

it('who waits for the word of a person is not active, nor what can only come on by that word', async () => {
  const active = async (): Promise<unknown> => (await measure())[0]
  const [root, asking] = ['tree', '{"kind":"approval"}']
  const add = (id: string, status: string, waitingFor: string | null): Promise<unknown> =>
    database.query(
      `INSERT INTO tasks (tenant_id, task_id, project_id, parent_task_id, root_task_id, kind, depth, title, status,
                          waiting_for, resume_to, created_by)
       SELECT 'acme', $2, 'p', CASE WHEN is_part THEN $1 END, $1, CASE WHEN is_part THEN 'child' ELSE 'root' END,
              is_part::integer, 't', $3, $4::jsonb, CASE WHEN $4::jsonb IS NOT NULL THEN 'executing' END, 'ada'
         FROM (SELECT $1 <> $2 AS is_part) AS p`,
      [root, id, status, waitingFor],
    )
  const set = (id: string, change: string): Promise<unknown> =>
    database.query(`UPDATE tasks SET ${change} WHERE task_id = $1`, [id])
  const before = Number(await active())
  await add(root, 'waiting', asking)
  expect(await active(), 'a root that asks').toBe(before)
  await set(root, 'wake_at = clock_timestamp()')
  expect(await active(), 'a root that was answered').toBe(before + 1)

  await set(root, `wake_at = NULL, waiting_for = '{"kind":"children"}'`)
  await add(`${root}/a`, 'executing', null)
  await add(`${root}/b`, 'waiting', asking)
  await add(`${root}/c`, 'submitted', null)
  expect(await active(), 'a part is at work, one asks, one waits for both').toBe(before + 3)
  await set(`${root}/a`, `status = 'escalated', resume_to = 'executing', waiting_for = '${asking}'`)
  expect(await active(), 'no part can go on without a person').toBe(before)
  await set(root, 'wake_at = clock_timestamp()')
  expect(await active(), 'somebody is to look at the root').toBe(before + 2)
  await set(root, 'wake_at = NULL')
  await database.query(
    `UPDATE tasks SET status = 'completed', waiting_for = NULL, resume_to = NULL WHERE waiting_for = '${asking}'`,
  )
  expect(await active(), 'nobody is asked, and nothing moves').toBe(before + 2)
  await database.query(
    `UPDATE tasks SET status = 'failed', waiting_for = NULL, resume_to = NULL WHERE root_task_id = $1`,
    [root],
  )
})

it('scalers are told how much is due for each service, and not what is being done or has ended', async () => {
  const depths = (): readonly unknown[] =>
    ['orchestrator', 'agent-runtime', 'peer-hub', 'sandbox-executor'].map((service) =>
      metrics.gaugeValue('queue_depth', { service }),
    )
  const base = { tenantId: 'acme', projectId: 'p', kind: 'root', title: 't', input: {} } as const
  const task = await parts.machine.create({ task: { ...base, taskId: 'deep' }, actor: ada })
  await database.transaction(async (tx) => {
    let steps = 0
    for (const service of ['agent-runtime', 'agent-runtime', 'agent-runtime', 'sandbox-executor']) {
      const stepId = `${service}-${++steps}`
      await parts.steps.request({ tenantId: 'acme', taskId: 'deep', stepId, service, request: {} }, { tx })
    }
  })
  await measure()
  expect(depths()).toEqual([1, 3, 0, 1])
  const running = await parts.steps.claim(
    { tenantId: 'acme', taskId: 'deep', stepId: 'agent-runtime-1' },
    { owner: 'me' },
  )
  await parts.steps.claim({ tenantId: 'acme', taskId: 'deep', stepId: 'sandbox-executor-4' }, { owner: 'me' })
  if (running !== undefined) await parts.steps.runClaimed(running, async () => ({}))
  await database.query('UPDATE tasks SET wake_at = NULL')
  await measure()
  expect(depths()).toEqual([0, 2, 0, 0])
  await parts.machine.transition({ task, to: 'cancelled', actor: ada })
})
