import { InvalidOptionError } from '@golden-arch/core/errors'
import type { SandboxExecutor } from '@golden-arch/sandbox'
import type { Configuration } from './configuration.ts'
import type { AgentToolName } from './model-variables.ts'
import { AgentRuntime } from './services/agent-runtime/agent-runtime.ts'
import { type AnswerParser, strictAnswerParser } from './services/agent-runtime/answer-parser.ts'
import type { BudgetGate } from './services/agent-runtime/budget-gate.ts'
import { ModelClient, type ModelEndpoint } from './services/agent-runtime/model-client.ts'
import type { ModelPort } from './services/agent-runtime/models/model-port.ts'
import { ObservedModel } from './services/agent-runtime/models/observed-model.ts'
import { RolePrompts } from './services/agent-runtime/role-prompts.ts'
import { tokenBudgetGate } from './services/agent-runtime/token-budget-gate.ts'
import type { AgentTool } from './services/agent-runtime/tools/agent-tool.ts'
import { readArtefactTool } from './services/agent-runtime/tools/read-artefact-tool.ts'
import { runCodeTool } from './services/agent-runtime/tools/run-code-tool.ts'
import type { SharedParts } from './shared-parts.ts'

/** How models are asked. */
export interface AgentsOptions {
  readonly endpoint: ModelEndpoint
  /** Models that answer where those before them do not. Default none. */
  readonly fallbackEndpoints?: readonly ModelEndpoint[]
  /** Milliseconds that one call may take. Default 120000 (2 minutes). */
  readonly modelTimeoutMs?: number
  /** Calls of one model at once: as many as there are steps that ask, which call one after the other. Default 64. */
  readonly maxConcurrentCalls?: number
  /** What models may use before they answer. Default nothing. */
  readonly agentTools?: readonly AgentToolName[]
}

/** Stages that may stand in for those of the agents themselves. */
export interface AgentStages {
  readonly budget: BudgetGate
  readonly parse: AnswerParser
}

/** What the configuration says of how models are asked. */
export function agentsOptionsOf(configuration: Configuration): Omit<AgentsOptions, 'endpoint'> {
  return {
    modelTimeoutMs: configuration.MODEL_TIMEOUT_MS,
    maxConcurrentCalls: configuration.AGENT_STEPS,
    agentTools: configuration.AGENT_TOOLS,
  }
}

/** The budget and the reading of answers as they are. */
export function agentStages({ budgets, metrics, prices }: SharedParts): AgentStages {
  return { budget: tokenBudgetGate(budgets, prices), parse: strictAnswerParser(metrics) }
}

/**
 * Assembles what asks models in the name of agents, by the governed prompts of their roles.
 * @throws InvalidOptionError `INVALID_OPTION` where `run_code` is among the tools and there is no sandbox.
 */
export function assembleAgents(
  parts: SharedParts,
  options: AgentsOptions,
  sandbox: SandboxExecutor | undefined,
  stages: AgentStages = agentStages(parts),
): AgentRuntime {
  const { database, logger, metrics, tracer, prices, breakers, outbox, audit } = parts
  const model = (endpoint: ModelEndpoint): ModelPort =>
    new ObservedModel(new ModelClient(endpoint), { metrics, tracer, prices })
  const makers: Readonly<Record<AgentToolName, () => AgentTool>> = {
    run_code: () => runCodeTool(requireSandbox(sandbox)),
    read_artefact: () => readArtefactTool(database),
  }
  const { agentTools = [], fallbackEndpoints = [], modelTimeoutMs, maxConcurrentCalls } = options
  return new AgentRuntime({
    ...{ database, logger, metrics, breakers },
    model: model(options.endpoint),
    fallbacks: fallbackEndpoints.map(model),
    budget: stages.budget,
    parse: stages.parse,
    prompts: new RolePrompts({ database, outbox, audit }),
    tools: agentTools.map((name) => makers[name]()),
    offeredTools: agentTools,
    ...(modelTimeoutMs === undefined ? {} : { timeoutMs: modelTimeoutMs }),
    ...(maxConcurrentCalls === undefined ? {} : { maxConcurrent: maxConcurrentCalls }),
  })
}

function requireSandbox(sandbox: SandboxExecutor | undefined): SandboxExecutor {
  if (sandbox === undefined)
    throw new InvalidOptionError('sandbox', 'a SandboxExecutor for run_code', sandbox)
  return sandbox
}
