import { randomUUID } from 'node:crypto'
import { BudgetController, type PriceTable } from '@golden-arch/budget'
import { type AuditLog, SqlAuditLog } from '@golden-arch/core/audit'
import { type EventOutbox, SqlEventOutbox } from '@golden-arch/core/events'
import {
  type AlertSink,
  LogAlertSink,
  type Logger,
  type Metrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { TaskClaims, TaskMachine } from '@golden-arch/core/tasks'
import { EscalationStore } from '@golden-arch/governance/escalation'
import { DeadLetterQueue, type MessageBroker, OutboxRelay, STREAM_TOPOLOGY } from '@golden-arch/messaging'
import { SqlBroker } from '@golden-arch/messaging/sql'
import { ensureBudget } from './services/ensure-budget.ts'
import { CODING_TABLE } from './services/orchestrator/coding-table.ts'
import { TaskIntake } from './services/orchestrator/task-intake.ts'
import { recordedDecisions } from './services/recorded-decisions.ts'

/** What the shared parts are assembled from. */
export interface SharedPartsOptions {
  readonly database: SqlDatabase
  readonly logger: Logger
  readonly metrics: Metrics
  /** Default: no traces. */
  readonly tracer?: Tracer
  readonly tenantId: string
  readonly projectId: string
  /** What the project may spend, in tokens. */
  readonly projectLimitTokens: number
  /** What one task may spend, in tokens. */
  readonly taskLimitTokens: number
  /** What models cost. Default: no money is counted. */
  readonly prices?: PriceTable | undefined
  /** Attempts of a step in all, the first one included. Default 3. */
  readonly maxAttempts?: number
  /** Default: one on the database. */
  readonly broker?: MessageBroker
  /** Default: circuits of this process alone. */
  readonly breakers?: CircuitBreakerRegistry
  /** Who is told of what a person should know. Default: the log. */
  readonly alerts?: AlertSink
}

/** What every service and every route works with: one of each in a process. */
export interface SharedParts {
  readonly database: SqlDatabase
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tracer: Tracer
  readonly alerts: AlertSink
  readonly outbox: EventOutbox
  readonly audit: AuditLog
  readonly broker: MessageBroker
  readonly relay: OutboxRelay
  readonly breakers: CircuitBreakerRegistry
  readonly deadLetters: DeadLetterQueue
  readonly budgets: BudgetController
  /** Undefined: no money is counted. */
  readonly prices: PriceTable | undefined
  readonly machine: TaskMachine
  readonly claims: TaskClaims
  readonly escalations: EscalationStore
  readonly intake: TaskIntake
}

const RELAY_POLL_MS = 50
/** Everything here answers at once; short leases let a run after a crash go on with what was claimed. */
const RELAY_PUBLISH_TIMEOUT_MS = 2000
const RELAY_LEASE_MS = 3000
const MAX_ATTEMPTS = 3

/** Milliseconds after which messages of a dead process come again. */
export const MESSAGE_LEASE_MS = 3000

/** The broker of a system without a server for messages. */
export function sqlBroker(options: Pick<SharedPartsOptions, 'database' | 'logger'>): MessageBroker {
  return new SqlBroker({ ...options, pollIntervalMs: RELAY_POLL_MS })
}

/** Assembles the parts on a database whose schema is up to date, and makes the streams and the project's budget. */
export async function assembleSharedParts(options: SharedPartsOptions): Promise<SharedParts> {
  const { database, logger, metrics, tenantId, projectId, taskLimitTokens, prices } = options
  const { tracer = silentTracer, alerts = new LogAlertSink({ logger }) } = options
  const { broker = sqlBroker(options), breakers = new CircuitBreakerRegistry({ logger, metrics }) } = options
  const outbox = new SqlEventOutbox()
  const audit = new SqlAuditLog()
  const budgets = new BudgetController({
    ...{ database, logger, metrics, outbox, audit },
    ...(prices === undefined ? {} : { prices }),
  })
  await ensureBudget(budgets, { tenantId, projectId }, options.projectLimitTokens, 'reference-server')
  await broker.ensure(STREAM_TOPOLOGY)
  const escalations = new EscalationStore({
    ...{ database, outbox, audit, metrics },
    settlement: recordedDecisions,
  })
  const machine = new TaskMachine({
    database,
    table: CODING_TABLE,
    escalations,
    policy: { maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS },
    outbox,
    audit,
    metrics,
  })
  const relay = new OutboxRelay({
    database,
    broker,
    logger,
    metrics,
    tracer,
    pollIntervalMs: RELAY_POLL_MS,
    publishTimeoutMs: RELAY_PUBLISH_TIMEOUT_MS,
    leaseMs: RELAY_LEASE_MS,
  })
  return {
    ...{ database, logger, metrics, tracer, alerts, outbox, audit, broker, relay, breakers },
    deadLetters: new DeadLetterQueue({ broker, database, audit, logger, metrics, tracer, alerts }),
    budgets,
    prices,
    machine,
    claims: new TaskClaims({ database, owner: randomUUID() }),
    escalations,
    intake: new TaskIntake({ machine, budgets, projectId, taskLimitTokens }),
  }
}
