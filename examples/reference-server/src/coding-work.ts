import { SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { type AgentStages, type AgentsOptions, agentStages, assembleAgents } from './assemble-agents.ts'
import { agentWorkerOf } from './services/agent-runtime/agent-runtime-service.ts'
import { orchestrationOf } from './services/orchestrator/orchestrator-service.ts'
import { type ReviewStage, reviewStageOf, reviewWorkerOf } from './services/peer-hub/peer-hub-service.ts'
import { HiddenTestRunner } from './services/sandbox-executor/hidden-test-runner.ts'
import { TEST_CONCURRENCY, testWorkerOf } from './services/sandbox-executor/sandbox-executor-service.ts'
import type { TestStage } from './services/sandbox-executor/test-stage.ts'
import type { SharedParts } from './shared-parts.ts'

/** The stages of a coding task that can be replaced by others. */
export interface Stages extends AgentStages {
  readonly tests: TestStage
  readonly review: ReviewStage
}

/** How coding tasks are worked on. */
export interface CodingWorkOptions extends AgentsOptions {
  /** Questions to models at once, and agents of each role that ask them. */
  readonly concurrency: number
  /** Where hidden tests run; never closed here. Default QuickJS in this process, closed with the work. */
  readonly sandbox?: SandboxExecutor
  /** Other stages in place of those that belong here. */
  readonly replace?: (stages: Stages) => Stages
}

/** What brings coding tasks to their end. */
export interface CodingWork {
  /** The tests as they are, whatever stage stands in their place. */
  readonly tests: TestStage
  /** Moves tasks and does their steps until the signal fires; what is under way then is given back. */
  work(signal: AbortSignal): Promise<void>
  /** Lets what runs in the sandbox end. */
  close(): Promise<void>
}

const SANDBOX_CLOSE_TIMEOUT_MS = 5000
/** A hidden test is a matter of milliseconds; its processor time is what counts, as a busy machine is no fault of a solution. */
const HIDDEN_TEST_LIMITS = Object.freeze({ timeoutMs: 60_000, cpuTimeMs: 1000 })

/** Assembles what works on coding tasks: the orchestrator and the services that do steps, in this process. */
export function assembleCodingWork(parts: SharedParts, options: CodingWorkOptions): CodingWork {
  const { endpoint, concurrency } = options
  const sandbox =
    options.sandbox ??
    new SandboxExecutor({
      backend: new QuickJsBackend(),
      maxConcurrent: TEST_CONCURRENCY,
      limits: HIDDEN_TEST_LIMITS,
      minimumIsolation: 'wasm',
      metrics: parts.metrics,
      tracer: parts.tracer,
    })
  const tests = new HiddenTestRunner(sandbox)
  const own: Stages = {
    ...agentStages(parts),
    tests,
    review: reviewStageOf(parts),
  }
  const stages = options.replace?.(own) ?? own
  const agents = assembleAgents(parts, options, sandbox, stages)
  const workers = [
    agentWorkerOf(parts, { agents, model: endpoint.model, concurrency, agentsPerRole: concurrency }),
    testWorkerOf(parts, stages.tests),
    reviewWorkerOf(parts, stages.review),
  ]
  const orchestration = orchestrationOf(parts)
  return {
    tests,
    work: async (signal) => {
      await Promise.all([orchestration.run(signal), ...workers.map((worker) => worker.run(signal, signal))])
    },
    close: async () => {
      if (options.sandbox === undefined) await sandbox.close({ drainTimeoutMs: SANDBOX_CLOSE_TIMEOUT_MS })
    },
  }
}
