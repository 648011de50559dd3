import { SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { type AgentStages, type AgentsOptions, agentStages, assembleAgents } from './assemble-agents.ts'
import type { AgentRuntime } from './services/agent-runtime/agent-runtime.ts'
import { CodingSteps } from './services/orchestrator/coding-steps.ts'
import { Orchestrator } from './services/orchestrator/orchestrator.ts'
import { TaskRunner } from './services/orchestrator/task-runner.ts'
import { PeerHub } from './services/peer-hub/peer-hub.ts'
import type { ReviewStage } from './services/peer-hub/reviewed-solution.ts'
import { HiddenTestRunner } from './services/sandbox-executor/hidden-test-runner.ts'
import type { TestStage } from './services/sandbox-executor/test-stage.ts'
import type { SharedParts } from './shared-parts.ts'

/** The stages of a coding task that can be replaced by others. */
export interface Stages extends AgentStages {
  readonly tests: TestStage
  readonly reviews: (agents: AgentRuntime) => ReviewStage
}

/** How coding tasks are worked on. */
export interface CodingWorkOptions extends AgentsOptions {
  /** Roots worked on at once. */
  readonly concurrency: number
  /** Where hidden tests run; never closed here. Default QuickJS in this process, closed with the work. */
  readonly sandbox?: SandboxExecutor
  /** Other stages in place of those that belong here. */
  readonly replace?: (stages: Stages) => Stages
}

/** What brings coding tasks to their end. */
export interface CodingWork {
  readonly orchestrator: Orchestrator
  readonly runner: TaskRunner
  readonly steps: CodingSteps
  /** The tests as they are, whatever stage stands in their place. */
  readonly tests: TestStage
  /** Lets what runs in the sandbox end. */
  close(): Promise<void>
}

const SANDBOX_CONCURRENCY = 2
const SANDBOX_CLOSE_TIMEOUT_MS = 5000
/** A hidden test is a matter of milliseconds; its processor time is what counts, as a busy machine is no fault of a solution. */
const HIDDEN_TEST_LIMITS = Object.freeze({ timeoutMs: 60_000, cpuTimeMs: 1000 })

/** Assembles what works on coding tasks. */
export function assembleCodingWork(parts: SharedParts, options: CodingWorkOptions): CodingWork {
  const { database, outbox, audit, machine, claims, logger, metrics } = parts
  const sandbox =
    options.sandbox ??
    new SandboxExecutor({
      backend: new QuickJsBackend(),
      maxConcurrent: SANDBOX_CONCURRENCY,
      limits: HIDDEN_TEST_LIMITS,
      minimumIsolation: 'wasm',
      metrics,
    })
  const tests = new HiddenTestRunner(sandbox)
  const own: Stages = {
    ...agentStages(parts),
    tests,
    reviews: (agents) => new PeerHub({ database, outbox, audit, agents }),
  }
  const stages = options.replace?.(own) ?? own
  const agents = assembleAgents(parts, options, sandbox, stages)
  const steps = new CodingSteps({ database, agents, tests: stages.tests, reviews: stages.reviews(agents) })
  const orchestrator = new Orchestrator({ database, machine, steps })
  return {
    orchestrator,
    runner: new TaskRunner({ claims, orchestrator, logger, concurrency: options.concurrency }),
    steps,
    tests,
    close: async () => {
      if (options.sandbox === undefined) await sandbox.close({ drainTimeoutMs: SANDBOX_CLOSE_TIMEOUT_MS })
    },
  }
}
