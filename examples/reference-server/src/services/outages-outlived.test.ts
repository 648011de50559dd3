import { SqlAuditLog } from '@golden-arch/core/audit'
import { silentAlertSink, silentLogger, silentTracer } from '@golden-arch/core/observability'
import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { EventPublisher, STREAM_TOPOLOGY } from '@golden-arch/messaging'
import { MemoryBroker } from '@golden-arch/messaging/memory'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { auditBudgetEvents } from './budget-audit.ts'
import { OrchestrationLoop } from './orchestrator/orchestration-loop.ts'
import type { Orchestrator } from './orchestrator/orchestrator.ts'
import { recordPromptOutcomes } from './prompt-outcomes.ts'
import { recordFailures } from './record-failures.ts'
import { withdrawQuestions } from './withdraw-questions.ts'

const OUTAGE_MS = 55 * 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const away = async (): Promise<never> => {
  throw StorageError.of('DATABASE_UNAVAILABLE', 'no connection')
}
/** All that these consumers call of a database. */
const database = { query: away, transaction: away } as unknown as SqlDatabase

interface Parts {
  readonly broker: MemoryBroker
  readonly metrics: RecordingMetrics
  readonly logger: typeof silentLogger
  readonly leaseMs: number
}
type Run = (parts: Parts, signal: AbortSignal) => Promise<void>

it.each<[string, { readonly type: string; readonly data: object }, Run]>([
  [
    'orchestrator',
    { type: 'task.created', data: {} },
    ({ leaseMs, ...parts }, signal) => {
      // The loop calls nothing else of it.
      const orchestrator = { advance: away, advanceDue: async () => 0 } as unknown as Orchestrator
      const options = { ...parts, tracer: silentTracer, messageLeaseMs: leaseMs }
      return new OrchestrationLoop({ ...options, orchestrator }).run(signal)
    },
  ],
  [
    'failure-history',
    { type: 'task.fix', data: { fixId: 'f', outcome: 'failed' } },
    (parts, signal) => recordFailures({ ...parts, database, history: { record: away } }, signal),
  ],
  [
    'prompt-outcomes',
    { type: 'task.completed', data: { kind: 'root', to: 'completed' } },
    (parts, signal) => recordPromptOutcomes({ ...parts, prompts: { recordOutcome: away } }, signal),
  ],
  [
    'question-withdrawal',
    { type: 'task.completed', data: { to: 'completed' } },
    (parts, signal) => withdrawQuestions({ ...parts, escalations: { list: away, withdraw: away } }, signal),
  ],
  [
    'audit-logger',
    { type: 'budget.exhausted', data: {} },
    (parts, signal) =>
      auditBudgetEvents({ ...parts, database, audit: new SqlAuditLog(), alerts: silentAlertSink }, signal),
  ],
])(
  '%s keeps its message through most of an hour without the database, and uses up no attempt of it',
  async (durable, event, run) => {
    const broker = new MemoryBroker()
    await broker.ensure(STREAM_TOPOLOGY)
    const metrics = new RecordingMetrics()
    const handling = vi.spyOn(broker.attempts, 'start')
    const stopping = new AbortController()
    const running = run({ broker, metrics, logger: silentLogger, leaseMs: 60_000 }, stopping.signal)
    await new EventPublisher({ broker, source: 'test' }).publish({
      ...event,
      tenantId: 'acme',
      subject: 'task',
    })
    await vi.advanceTimersByTimeAsync(OUTAGE_MS)
    const starts = handling.mock.calls.flatMap(([keys]) => keys.map(({ consumer }) => consumer))
    stopping.abort()
    await vi.advanceTimersByTimeAsync(60_000)
    await running
    expect(starts).toEqual([durable])
    expect(broker.deadLetters).toEqual([])
  },
)
