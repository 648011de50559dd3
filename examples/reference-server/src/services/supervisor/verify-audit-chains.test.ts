import { AuditLinker, SqlAuditLog } from '@golden-arch/core/audit'
import type { Alert } from '@golden-arch/core/observability'
import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FailingDatabase, failingDatabase } from '../../testing/failing-database.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { verifyAuditChains } from './verify-audit-chains.ts'

const HOUR_MS = 3_600_000
const PATIENT = { timeout: 110_000, interval: 20 }
let own: Awaited<ReturnType<typeof openServerDatabase>>
let failing: FailingDatabase
let clock: FakeClock
let metrics: RecordingMetrics
let alerts: Alert[]
let logger: RecordingLogger
let stopping: AbortController
let running: Promise<void>

beforeEach(async () => {
  own = await openServerDatabase()
  const audit = new SqlAuditLog()
  for (const tenantId of ['acme', 'globex']) {
    await own.transaction((tx) =>
      audit.append(tx, {
        tenantId,
        actor: { id: 'ada', kind: 'human' },
        action: 'thing.made',
        resource: 'thing/1',
        outcome: 'allowed',
      }),
    )
  }
  await new AuditLinker({ database: own }).runOnce()
  failing = failingDatabase(own)
  clock = new FakeClock()
  metrics = new RecordingMetrics()
  alerts = []
  logger = new RecordingLogger()
  stopping = new AbortController()
  const options = {
    database: failing.database,
    alerts: { raise: (alert: Alert) => void alerts.push(alert) },
    logger,
    metrics,
    clock,
    checkpoints: undefined,
  }
  running = verifyAuditChains(options, stopping.signal)
  // The first round has ended once it pauses.
  await expect.poll(() => clock.pendingCount, PATIENT).toBe(1)
})
afterEach(async () => {
  stopping.abort()
  await running
  await own.close()
})

async function nextRound(): Promise<void> {
  await clock.advance(HOUR_MS)
  await expect.poll(() => clock.pendingCount, PATIENT).toBe(1)
}
async function tamper(): Promise<void> {
  await own.query('ALTER TABLE audit_log DISABLE TRIGGER USER')
  await own.query("UPDATE audit_log SET action = 'thing.forged' WHERE tenant_id = 'globex'")
}
const failures = (): number =>
  metrics.counterValue('audit_verification_failures_total', { reason: 'entry-altered' })
const age = (): number | undefined => metrics.gaugeValue('audit_verification_age_seconds')

it('a chain that goes bad is found within a day, told and counted, and again each hour until it is mended', async () => {
  expect(failures()).toBe(0)
  expect(age()).toBe(0)
  await tamper()
  await nextRound()
  expect(failures()).toBe(0)
  expect(age()).toBe(3600)
  for (let hour = 2; hour <= 24; hour++) await nextRound()
  expect(failures()).toBe(1)
  expect(alerts).toMatchObject([
    {
      kind: 'audit.broken',
      severity: 'critical',
      tenantId: 'globex',
      details: { firstBadSequence: '1', reason: 'entry-altered' },
    },
  ])
  // The other chain was found good.
  expect(age()).toBe(0)
  await nextRound()
  expect(failures()).toBe(2)
})

it('what cannot be verified grows old, whatever keeps it', async () => {
  failing.setAway(true)
  for (let hour = 1; hour <= 3; hour++) await nextRound()
  // Not even which chains there are can be read.
  expect(logger.messages()).toContain('a round failed and is tried again')
  expect(age()).toBe(3 * 3600)
  failing.setAway(false)
  await nextRound()
  expect(age()).toBe(4 * 3600)
})
