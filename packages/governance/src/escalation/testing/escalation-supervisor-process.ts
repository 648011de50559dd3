/**
 * A supervisor that runs until it is killed: `node escalation-supervisor-process.ts <settings as JSON>`. Each alert is a
 * line of a file.
 */
import { appendFileSync } from 'node:fs'
import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { PgDatabase } from '@golden-arch/core/storage'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import { EscalationStore } from '../escalation-store.ts'
import { EscalationTimer } from '../escalation-timer.ts'
import { controlledClock } from './controlled-clock.ts'
import { LIFE_POLICY } from './escalation-life.ts'

/** What the process is told. */
export interface SupervisorSettings {
  readonly pool: SchemaPoolConfig
  readonly alertLog: string
}

const settings: SupervisorSettings = JSON.parse(process.argv[2] ?? '')
const timer = new EscalationTimer({
  escalations: new EscalationStore({
    database: new PgDatabase({ pool: new pg.Pool({ ...settings.pool, max: 2 }) }),
    outbox: new SqlEventOutbox(),
    audit: new SqlAuditLog(),
    policy: LIFE_POLICY,
    now: controlledClock,
  }),
  pollIntervalMs: 100,
  maxBatchLength: 10,
  alerts: { raise: ({ kind, key }) => appendFileSync(settings.alertLog, `${kind} ${key}\n`) },
})
await timer.run({ signal: new AbortController().signal })
