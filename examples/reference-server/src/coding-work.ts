import { randomUUID } from 'node:crypto'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { AgentRegistry, type ClaimedStep } from '@golden-arch/core/tasks'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { AgentDesk } from './services/agent-runtime/agent-desk.ts'
import { AgentRuntime } from './services/agent-runtime/agent-runtime.ts'
import { type AnswerParser, strictAnswerParser } from './services/agent-runtime/answer-parser.ts'
import { answerStep } from './services/agent-runtime/answer-step.ts'
import type { BudgetGate } from './services/agent-runtime/budget-gate.ts'
import { ModelClient, type ModelEndpoint } from './services/agent-runtime/model-client.ts'
import { tokenBudgetGate } from './services/agent-runtime/token-budget-gate.ts'
import { Orchestrator } from './services/orchestrator/orchestrator.ts'
import { OrchestratorService } from './services/orchestrator/orchestrator-service.ts'
import { PeerHub } from './services/peer-hub/peer-hub.ts'
import type { ReviewReport } from './services/peer-hub/review-request.ts'
import { StepNews } from './services/peer-hub/step-news.ts'
import { HiddenTestRunner } from './services/sandbox-executor/hidden-test-runner.ts'
import { runTests } from './services/sandbox-executor/run-tests.ts'
import type { TestStage } from './services/sandbox-executor/test-stage.ts'
import { StepWorker } from './services/steps/step-worker.ts'
import { MESSAGE_LEASE_MS, type SharedParts } from './shared-parts.ts'

/** Decides whether a solution is good, for a step that asks. */
export type ReviewStage = (step: ClaimedStep, signal: AbortSignal) => Promise<ReviewReport>

/** The stages of a coding task that can be replaced by others. */
export interface Stages {
  readonly budget: BudgetGate
  readonly parse: AnswerParser
  readonly tests: TestStage
  readonly review: ReviewStage
}

/** How coding tasks are worked on. */
export interface CodingWorkOptions {
  readonly endpoint: ModelEndpoint
  /** Questions to models at once. */
  readonly concurrency: number
  /** What one task with its parts may spend, in tokens. */
  readonly taskLimitTokens: number
  /** Where hidden tests run; it is closed with the work. Default QuickJS in this process. */
  readonly sandbox?: SandboxExecutor
  /** Other stages in place of those that belong here. */
  readonly replace?: (stages: Stages) => Stages
}

/** A service of the work on coding tasks. */
export interface WorkService {
  readonly name: 'orchestrator' | 'agent-runtime' | 'peer-hub' | 'sandbox-executor'
  /** Works until the signal fires; resolves when it has drained. */
  run(signal: AbortSignal): Promise<void>
}

/** What brings coding tasks to their end. */
export interface CodingWork {
  readonly orchestrator: Orchestrator
  readonly services: readonly WorkService[]
  /** The tests as they are, whatever stage stands in their place. */
  readonly tests: TestStage
  /** Runs every service until the signal fires. */
  work(signal: AbortSignal): Promise<void>
  /** Lets what runs in the sandbox end. */
  close(): Promise<void>
}

const SANDBOX_CONCURRENCY = 2
const SANDBOX_CLOSE_TIMEOUT_MS = 5000
/** A round only waits for the votes of its agents. */
const REVIEW_CONCURRENCY = 32
const MAX_PARALLEL_PARTS = 4
/** A hidden test is a matter of milliseconds; its processor time is what counts, as a busy machine is no fault of a solution. */
const HIDDEN_TEST_LIMITS = Object.freeze({ timeoutMs: 60_000, cpuTimeMs: 1000 })

/** Assembles what works on coding tasks. */
export function assembleCodingWork(parts: SharedParts, options: CodingWorkOptions): CodingWork {
  const { database, budgets, outbox, audit, machine, steps, queue, broker, logger, metrics, tracer } = parts
  const { concurrency, endpoint, taskLimitTokens } = options
  const messaging = { broker, logger, metrics, tracer, messageLeaseMs: MESSAGE_LEASE_MS }
  const sandbox = options.sandbox ?? ownSandbox(parts)
  const tests = new HiddenTestRunner(sandbox)
  const news = new StepNews()
  const hub = new PeerHub({ database, outbox, audit, steps, news })
  const own: Stages = {
    budget: tokenBudgetGate(budgets),
    parse: strictAnswerParser(metrics),
    tests,
    review: (step, signal) => hub.review(step, signal),
  }
  const stages = options.replace?.(own) ?? own
  const model = new ModelClient(endpoint)
  const agents = new AgentRuntime({ database, model, budget: stages.budget, parse: stages.parse, logger })
  const desk = agentDesk(database, { logger, agentsPerRole: concurrency, model: endpoint.model })
  const orchestrator = new Orchestrator({
    ...{ database, machine, steps, queue, budgets, logger, taskLimitTokens },
    limits: { maxParallelParts: MAX_PARALLEL_PARTS },
  })
  const worker = (
    service: WorkService['name'],
    maxConcurrent: number,
    work: (step: ClaimedStep, signal: AbortSignal) => Promise<object>,
  ): WorkService => {
    const onEnd = (step: ClaimedStep): void => news.tell(step)
    const steward = new StepWorker({ ...messaging, service, steps, maxConcurrent, work, onEnd })
    return { name: service, run: (signal) => steward.run(signal) }
  }
  const orchestration = new OrchestratorService({ ...messaging, orchestrator })
  const services: readonly WorkService[] = [
    { name: 'orchestrator', run: (signal) => orchestration.run(signal) },
    worker('agent-runtime', concurrency, (step, signal) => answerStep(agents, desk, step, signal)),
    worker('sandbox-executor', SANDBOX_CONCURRENCY, (step, signal) => runTests(stages.tests, step, signal)),
    worker('peer-hub', REVIEW_CONCURRENCY, stages.review),
  ]
  return {
    orchestrator,
    services,
    tests,
    work: async (signal) => {
      await Promise.all(services.map((service) => service.run(signal)))
    },
    close: () => sandbox.close({ drainTimeoutMs: SANDBOX_CLOSE_TIMEOUT_MS }),
  }
}

function ownSandbox({ metrics }: SharedParts): SandboxExecutor {
  return new SandboxExecutor({
    backend: new QuickJsBackend(),
    maxConcurrent: SANDBOX_CONCURRENCY,
    limits: HIDDEN_TEST_LIMITS,
    minimumIsolation: 'wasm',
    metrics,
  })
}

function agentDesk(
  database: SqlDatabase,
  options: Pick<ConstructorParameters<typeof AgentDesk>[0], 'logger' | 'agentsPerRole' | 'model'>,
): AgentDesk {
  return new AgentDesk({ ...options, registry: new AgentRegistry({ database }), owner: randomUUID() })
}
