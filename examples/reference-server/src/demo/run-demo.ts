import { setTimeout as delay } from 'node:timers/promises'
import type { PriceTable } from '@golden-arch/budget'
import type { EventEnvelope } from '@golden-arch/core/events'
import type { Logger, Metrics } from '@golden-arch/core/observability'
import { ack, EventConsumer, type EventHandler } from '@golden-arch/messaging'
import type { OpenedDatabase } from '../open-database.ts'
import type { BillView } from '../scripted-model/bill.ts'
import type { ModelEndpoint } from '../services/agent-runtime/model-client.ts'
import type { CodingTask } from '../services/orchestrator/coding-task.ts'
import { MESSAGE_LEASE_MS, takeOverWork } from '../shared-parts.ts'
import { assembleSystem, type System } from '../system.ts'
import { untilSettled } from '../until-settled.ts'
import { checkRun, type RunReport } from './check-run.ts'
import type { Expectation } from './corpus.ts'
import { type OptionalStage, withoutStage } from './without-stage.ts'

/** What a run of the demo is made of. */
export interface DemoRun {
  readonly opened: OpenedDatabase
  readonly tasks: readonly CodingTask[]
  readonly endpoint: ModelEndpoint
  /** What its models cost; undefined: no money is counted. */
  readonly prices: PriceTable | undefined
  readonly expectations: ReadonlyMap<string, Expectation> | undefined
  /** What its model charged so far; undefined where it does not tell. */
  readonly bill: (() => BillView) | undefined
  readonly without: OptionalStage | undefined
  readonly concurrency: number
  readonly logger: Logger
  readonly metrics: Metrics
  /** Called with each event about a task that leaves the outbox. */
  readonly onTaskEvent: (event: EventEnvelope) => void
  readonly signal: AbortSignal
}

const TENANT = 'demo'
const PROJECT = 'coding-tasks'
const PROJECT_LIMIT_TOKENS = 2_000_000
const TASK_LIMIT_TOKENS = 40_000
const DRAIN_TIMEOUT_MS = 20_000

/** Brings the tasks to their end and checks the run; undefined when the signal fired before that. */
export async function runDemo(run: DemoRun): Promise<RunReport | undefined> {
  const system = await assembleSystem({
    database: run.opened.database,
    endpoint: run.endpoint,
    prices: run.prices,
    logger: run.logger,
    metrics: run.metrics,
    tenantId: TENANT,
    projectId: PROJECT,
    projectLimitTokens: PROJECT_LIMIT_TOKENS,
    taskLimitTokens: TASK_LIMIT_TOKENS,
    concurrency: run.concurrency,
    ...(run.without === undefined ? {} : withoutStage(run.without)),
  })
  const relaying = new AbortController()
  try {
    if (run.opened.isExclusive) await takeOverWork(system)
    for (const task of run.tasks) await system.intake.accept(TENANT, task, { id: 'demo', kind: 'service' })
    const relayed = Promise.all([
      system.relayEvents(relaying.signal),
      showProgress(run, system, relaying.signal),
      system.work(AbortSignal.any([run.signal, relaying.signal])),
    ])
    await Promise.race([untilSettled(system.database, run.signal), relayed])
    if (!run.signal.aborted) await drainEvents(run, system)
    relaying.abort()
    await relayed
    if (run.signal.aborted) return undefined
    return await checkRun({
      system,
      tenantId: TENANT,
      projectId: PROJECT,
      taskIds: run.tasks.map((task) => task.id),
      expectations: run.expectations,
      bill: run.bill?.(),
      prices: run.prices,
    })
  } finally {
    relaying.abort()
    await system.close()
  }
}

/** Shows each event about a task until the signal fires. */
async function showProgress(run: DemoRun, system: System, signal: AbortSignal): Promise<void> {
  const consumer = new EventConsumer({
    broker: system.broker,
    stream: 'TASKS',
    durable: 'progress',
    startAt: 'new',
    maxConcurrent: 1,
    prefetch: 32,
    leaseMs: MESSAGE_LEASE_MS,
    logger: run.logger,
  })
  const show: EventHandler = async ({ event }) => {
    run.onTaskEvent(event)
    return ack()
  }
  await consumer.run(show, { signal })
}

/**
 * Waits until every event is published and handled; one that an earlier process had taken waits for its lease to
 * lapse.
 */
async function drainEvents(run: DemoRun, system: System): Promise<void> {
  if (run.without === 'messaging') return
  const endsAt = performance.now() + DRAIN_TIMEOUT_MS
  while (performance.now() < endsAt) {
    const { rows } = await system.database.query<{ waits: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM outbox WHERE published_at IS NULL)
           OR EXISTS (SELECT 1 FROM message_deliveries) AS waits`,
    )
    if (rows[0]?.waits === false) return
    await delay(100)
  }
}
