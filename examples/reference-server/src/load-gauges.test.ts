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
  const seen = metrics.values('escalations_open').length
  const kept = keepLoadGauges({ database, metrics, logger: new RecordingLogger() }, stopping.signal)
  await expect.poll(() => metrics.values('escalations_open').length, PATIENT).toBeGreaterThan(seen)
  stopping.abort()
  await kept
  return [metrics.gaugeValue('active_tasks'), metrics.gaugeValue('escalations_open')]
}

it('scalers are told of tasks that have not ended and of escalations that nobody has resolved', async () => {
  expect(await measure()).toEqual([0, 0])
  const base = { tenantId: 'acme', projectId: 'p', kind: 'root', title: 't', input: {} } as const
  const task = await parts.machine.create({ ...base, taskId: 'one' }, ada)
  await parts.machine.create({ ...base, taskId: 'two' }, ada)
  const report = { tenantId: 'acme', subject: { kind: 'x', id: '1' }, reason: 'r', severity: 'info' } as const
  const { escalation } = await database.transaction((tx) => parts.escalations.report(tx, report))
  expect(await measure()).toEqual([2, 1])
  await parts.machine.transition({ task, to: 'cancelled', actor: ada })
  const { escalationId } = escalation
  await parts.escalations.resolve({ tenantId: 'acme', escalationId, actor: ada, resolution: 'done' })
  expect(await measure()).toEqual([1, 0])
})
