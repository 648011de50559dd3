import { randomUUID } from 'node:crypto'
import { BudgetController } from '@golden-arch/budget'
import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { LogAlertSink, type Logger, type Metrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { TaskClaims, TaskMachine } from '@golden-arch/core/tasks'
import { EscalationStore } from '@golden-arch/governance/escalation'
import { DeadLetterQueue, type MessageBroker, OutboxRelay, STREAM_TOPOLOGY } from '@golden-arch/messaging'
import { SqlBroker } from '@golden-arch/messaging/sql'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { AgentRuntime } from './services/agent-runtime/agent-runtime.ts'
import { type AnswerParser, strictAnswerParser } from './services/agent-runtime/answer-parser.ts'
import type { BudgetGate } from './services/agent-runtime/budget-gate.ts'
import { ModelClient, type ModelEndpoint } from './services/agent-runtime/model-client.ts'
import { tokenBudgetGate } from './services/agent-runtime/token-budget-gate.ts'
import { auditBudgetEvents } from './services/budget-audit.ts'
import { ensureBudget } from './services/ensure-budget.ts'
import { CodingSteps } from './services/orchestrator/coding-steps.ts'
import { CODING_TABLE } from './services/orchestrator/coding-table.ts'
import { Orchestrator } from './services/orchestrator/orchestrator.ts'
import { TaskIntake } from './services/orchestrator/task-intake.ts'
import { TaskRunner } from './services/orchestrator/task-runner.ts'
import { PeerHub } from './services/peer-hub/peer-hub.ts'
import type { ReviewStage } from './services/peer-hub/reviewed-solution.ts'
import { HiddenTestRunner } from './services/sandbox-executor/hidden-test-runner.ts'
import type { TestStage } from './services/sandbox-executor/test-stage.ts'

/** The stages of a coding task that can be replaced by others. */
export interface Stages {
  readonly budget: BudgetGate
  readonly parse: AnswerParser
  readonly tests: TestStage
  readonly reviews: (agents: AgentRuntime) => ReviewStage
  /** Attempts of a step in all, the first one included. */
  readonly maxAttempts: number
  /** Whether events leave the outbox. */
  readonly relaysEvents: boolean
}

/** What a system is assembled from. */
export interface SystemOptions {
  readonly database: SqlDatabase
  readonly endpoint: ModelEndpoint
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tenantId: string
  readonly projectId: string
  /** What the project may spend, in tokens. */
  readonly projectLimitTokens: number
  /** What one task may spend, in tokens. */
  readonly taskLimitTokens: number
  /** Roots worked on at once. */
  readonly concurrency: number
  /** Other stages in place of those that belong here. */
  readonly replace?: (stages: Stages) => Stages
}

/** The packages assembled: the whole path of a coding task, in one process. */
export interface System {
  readonly database: SqlDatabase
  readonly broker: MessageBroker
  readonly relay: OutboxRelay
  readonly budgets: BudgetController
  readonly machine: TaskMachine
  readonly escalations: EscalationStore
  readonly intake: TaskIntake
  readonly claims: TaskClaims
  readonly orchestrator: Orchestrator
  readonly runner: TaskRunner
  readonly steps: CodingSteps
  /** The tests as they are, whatever stage stands in their place. */
  readonly tests: TestStage
  readonly stages: Stages
  /** Runs the relay, and what listens to its events, until the signal fires. */
  relayEvents(signal: AbortSignal): Promise<void>
  /** Lets what runs in the sandbox end. Close the database after it. */
  close(): Promise<void>
}

const SANDBOX_CONCURRENCY = 2
const SANDBOX_CLOSE_TIMEOUT_MS = 5000
/** A hidden test is a matter of milliseconds; its processor time is what counts, as a busy machine is no fault of a solution. */
const HIDDEN_TEST_LIMITS = Object.freeze({ timeoutMs: 60_000, cpuTimeMs: 1000 })
const RELAY_POLL_MS = 50
/** Everything here answers at once; short leases let a run after a crash go on with what was claimed. */
const RELAY_PUBLISH_TIMEOUT_MS = 2000
const RELAY_LEASE_MS = 3000
export const MESSAGE_LEASE_MS = 3000

/** Assembles the packages on a database whose schema is up to date. */
export async function assembleSystem(options: SystemOptions): Promise<System> {
  const { database, logger, metrics, tenantId, projectId } = options
  const outbox = new SqlEventOutbox()
  const audit = new SqlAuditLog()
  const budgets = new BudgetController({ database, logger, metrics, outbox, audit })
  await ensureBudget(budgets, { tenantId, projectId }, options.projectLimitTokens, 'reference-server')
  const sandbox = new SandboxExecutor({
    backend: new QuickJsBackend(),
    maxConcurrent: SANDBOX_CONCURRENCY,
    limits: HIDDEN_TEST_LIMITS,
    minimumIsolation: 'wasm',
    metrics,
  })
  const tests = new HiddenTestRunner(sandbox)
  const own: Stages = {
    budget: tokenBudgetGate(budgets),
    parse: strictAnswerParser(metrics),
    tests,
    reviews: (agents) => new PeerHub({ database, outbox, audit, agents }),
    maxAttempts: 3,
    relaysEvents: true,
  }
  const stages = options.replace?.(own) ?? own
  const agents = new AgentRuntime({
    database,
    model: new ModelClient(options.endpoint),
    budget: stages.budget,
    parse: stages.parse,
    logger,
  })

  const escalations = new EscalationStore({ database, outbox, audit })
  const machine = new TaskMachine({
    database,
    table: CODING_TABLE,
    escalations,
    policy: { maxAttempts: stages.maxAttempts },
    outbox,
    audit,
    metrics,
  })
  const steps = new CodingSteps({ database, agents, tests: stages.tests, reviews: stages.reviews(agents) })
  const broker = new SqlBroker({ database, logger, pollIntervalMs: RELAY_POLL_MS })
  await broker.ensure(STREAM_TOPOLOGY)
  const relay = new OutboxRelay({
    database,
    broker,
    logger,
    metrics,
    pollIntervalMs: RELAY_POLL_MS,
    publishTimeoutMs: RELAY_PUBLISH_TIMEOUT_MS,
    leaseMs: RELAY_LEASE_MS,
  })
  const deadLetters = new DeadLetterQueue({
    broker,
    database,
    audit,
    logger,
    metrics,
    alerts: new LogAlertSink({ logger }),
  })
  const auditing = { broker, database, audit, logger, metrics, leaseMs: MESSAGE_LEASE_MS }
  const claims = new TaskClaims({ database, owner: randomUUID() })
  const orchestrator = new Orchestrator({ database, machine, steps })
  return {
    database,
    broker,
    relay,
    budgets,
    machine,
    escalations,
    intake: new TaskIntake({ machine, budgets, projectId, taskLimitTokens: options.taskLimitTokens }),
    claims,
    orchestrator,
    runner: new TaskRunner({ claims, orchestrator, logger, concurrency: options.concurrency }),
    steps,
    tests,
    stages,
    relayEvents: async (signal) => {
      if (!stages.relaysEvents) return
      await Promise.all([
        relay.run({ signal }),
        auditBudgetEvents(auditing, signal),
        deadLetters.watch({ signal }),
      ])
    },
    close: () => sandbox.close({ drainTimeoutMs: SANDBOX_CLOSE_TIMEOUT_MS }),
  }
}
