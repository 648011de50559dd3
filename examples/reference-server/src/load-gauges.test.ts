import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { keepLoadGauges } from './load-gauges.ts'
import { assembleSharedParts, type SharedParts } from './shared-parts.ts'
import { openServerDatabase } from './testing/server-database.ts'

const ada = { id: 'ada', kind: 'human' } as const
const PATIENT = { timeout: 110_000, interval: 50 }
let database: Awaited<ReturnType<typeof openServerDatabase>>
let parts: SharedParts
const metrics = new RecordingMetrics()
let steps = 0

beforeAll(async () => {
  database = await openServerDatabase()
  const names = { tenantId: 'acme', projectId: 'p' }
  const limits = { projectLimitTokens: 1000, taskLimitTokens: 100 }
  parts = await assembleSharedParts({ database, logger: new RecordingLogger(), metrics, ...names, ...limits })
})
afterAll(async () => {
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

it('scalers are told how much is due for each service, and not what is being done or has ended', async () => {
  const depths = (): readonly unknown[] =>
    ['orchestrator', 'agent-runtime', 'peer-hub', 'sandbox-executor'].map((service) =>
      metrics.gaugeValue('queue_depth', { service }),
    )
  await database.query('UPDATE tasks SET wake_at = NULL')
  const base = { tenantId: 'acme', projectId: 'p', kind: 'root', title: 't', input: {} } as const
  const task = await parts.machine.create({ task: { ...base, taskId: 'deep' }, actor: ada })
  await database.transaction(async (tx) => {
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
