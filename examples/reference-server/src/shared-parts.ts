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
import {
  AgentRegistry,
  TaskMachine,
  TaskQueue,
  type TaskQuota,
  TaskQuotas,
  TaskSteps,
} from '@golden-arch/core/tasks'
import { EscalationStore } from '@golden-arch/governance/escalation'
import { DeadLetterQueue, type MessageBroker, OutboxRelay, STREAM_TOPOLOGY } from '@golden-arch/messaging'
import { SqlBroker } from '@golden-arch/messaging/sql'
import { type Reach, reachOnce } from './await-dependency.ts'
import { ensureBudget } from './services/ensure-budget.ts'
import { CODING_FIXES } from './services/orchestrator/coding-fixes.ts'
import { CODING_TABLE } from './services/orchestrator/coding-table.ts'
import { TaskIntake } from './services/orchestrator/task-intake.ts'
import { settleTask } from './services/settle-task.ts'
import { StepNews } from './services/steps/step-news.ts'

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
  /** How many tasks a tenant may have that has no quota of its own. Default any number. */
  readonly taskQuota?: Partial<TaskQuota>
  /** What models cost. Default: no money is counted. */
  readonly prices?: PriceTable | undefined
  /** Tries of a fix for one guard and move. Default 2. */
  readonly maxTriesPerGuard?: number
  /** How often is looked for what no message told of. Default once a second, and 5 seconds for a task being looked at. */
  readonly pace?: Pace
  /** Default: one on the database. */
  readonly broker?: MessageBroker
  /** Default: circuits of this process alone. */
  readonly breakers?: CircuitBreakerRegistry
  /** Who is told of what a person should know. Default: the log. */
  readonly alerts?: AlertSink
  /** Whether the streams and the project's budget are made where they are wanting. Default: they are. */
  readonly isPreparing?: boolean
  /** How the database and the broker are asked for the first time. Default: once. */
  readonly reach?: Reach
}

/** How often is looked for what no message told of. */
export interface Pace {
  /** Milliseconds between two looks. */
  readonly pollIntervalMs: number
  /** Milliseconds that a task is left to whoever looks at it. */
  readonly lookMs: number
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
  readonly steps: TaskSteps
  readonly queue: TaskQueue
  readonly agents: AgentRegistry
  readonly pollIntervalMs: number
  /** Tells in this process that a step has ended in it. */
  readonly news: StepNews
  /** What a tenant's project may spend, in tokens, until people set another limit. */
  readonly projectLimitTokens: number
  /** What one task with its parts may spend, in tokens. */
  readonly taskLimitTokens: number
  readonly escalations: EscalationStore
  readonly intake: TaskIntake
}

const BROKER_POLL_MS = 1000
/** Everything here answers at once; short leases let a run after a crash go on with what was claimed. */
const RELAY_PUBLISH_TIMEOUT_MS = 2000
const RELAY_LEASE_MS = 3000
/** A second try, since what tests find of a first mending is worth as much as what they found before it. */
const MAX_TRIES_PER_GUARD = 2
/** A cancelled step is heard of within a second; a process that stands still for less than the lease keeps its steps. */
const STEP_LEASE_MS = 15_000
const STEP_HEARTBEAT_MS = 1000

const PACE: Pace = Object.freeze({ pollIntervalMs: 1000, lookMs: 5000 })

/** Milliseconds after which messages of a dead process come again. */
export const MESSAGE_LEASE_MS = 3000

/** The broker of a system without a server for messages. */
export function sqlBroker({
  database,
  logger,
  tenantId,
}: Pick<SharedPartsOptions, 'database' | 'logger' | 'tenantId'>): MessageBroker {
  // What nobody can read is for those who look after the system, or no person could ever settle it.
  return new SqlBroker({ database, logger, pollIntervalMs: BROKER_POLL_MS, unknownTenantId: tenantId })
}

/** Assembles the parts on a database whose schema is up to date, and makes the streams and the project's budget unless told not to. */
export async function assembleSharedParts(options: SharedPartsOptions): Promise<SharedParts> {
  const { database, logger, metrics, tenantId, projectId, projectLimitTokens, taskLimitTokens, prices } =
    options
  const { pace = PACE, tracer = silentTracer, alerts = new LogAlertSink({ logger }) } = options
  const { broker = sqlBroker(options), breakers = new CircuitBreakerRegistry({ logger, metrics }) } = options
  const outbox = new SqlEventOutbox({ tracer })
  const audit = new SqlAuditLog()
  const budgets = new BudgetController({
    ...{ database, logger, metrics, tracer, outbox, audit },
    ...(prices === undefined ? {} : { prices }),
  })
  const { reach = reachOnce, isPreparing = true } = options
  if (isPreparing) {
    // Calls may be charged to it before its first task is worked on.
    await reach('the database', () =>
      ensureBudget(budgets, { tenantId, projectId }, projectLimitTokens, 'reference-server'),
    )
    await reach('the broker', () => broker.ensure(STREAM_TOPOLOGY))
  }
  const escalations = new EscalationStore({
    ...{ database, outbox, audit, metrics },
    // The machine raises what the store resolves: each needs the other.
    settlement: { settle: (tx, decision) => settleTask(machine, tx, decision) },
  })
  const quotas = new TaskQuotas({ database, defaults: options.taskQuota ?? {} })
  const machine: TaskMachine = new TaskMachine({
    database,
    quotas,
    table: CODING_TABLE,
    escalations,
    fixes: CODING_FIXES,
    policy: { maxTriesPerGuard: options.maxTriesPerGuard ?? MAX_TRIES_PER_GUARD },
    outbox,
    audit,
    metrics,
    tracer,
  })
  const relay = new OutboxRelay({
    database,
    broker,
    logger,
    metrics,
    tracer,
    publishTimeoutMs: RELAY_PUBLISH_TIMEOUT_MS,
    leaseMs: RELAY_LEASE_MS,
  })
  return {
    ...{ database, logger, metrics, tracer, alerts, outbox, audit, broker, relay, breakers },
    deadLetters: new DeadLetterQueue({ broker, database, audit, logger, metrics, tracer, alerts }),
    budgets,
    prices,
    machine,
    steps: new TaskSteps({
      ...{ database, outbox, tracer, leaseMs: STEP_LEASE_MS, heartbeatMs: STEP_HEARTBEAT_MS },
      pollGraceMs: pace.pollIntervalMs,
    }),
    queue: new TaskQueue({ database, quotas, lookMs: pace.lookMs }),
    agents: new AgentRegistry({ database }),
    pollIntervalMs: pace.pollIntervalMs,
    news: new StepNews(),
    projectLimitTokens,
    taskLimitTokens,
    escalations,
    intake: new TaskIntake({ machine, projectId }),
  }
}

/**
 * Takes over what another process worked on that is gone: for one that has the database to itself, at its start.
 * @throws StorageError by code.
 */
export async function takeOverWork({ steps, agents }: Pick<SharedParts, 'steps' | 'agents'>): Promise<void> {
  await steps.lapseAll()
  await agents.lapseAll()
}
