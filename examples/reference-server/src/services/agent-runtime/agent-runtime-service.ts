import { randomUUID } from 'node:crypto'
import type { SandboxExecutor } from '@golden-arch/sandbox'
import { agentsOptionsOf, assembleAgents } from '../../assemble-agents.ts'
import { openModel } from '../../open-model.ts'
import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { MESSAGE_LEASE_MS, type SharedParts } from '../../shared-parts.ts'
import { openSandbox } from '../sandbox-executor/open-sandbox.ts'
import { StepWorker } from '../steps/step-worker.ts'
import { AgentDesk } from './agent-desk.ts'
import type { AgentRuntime } from './agent-runtime.ts'
import { answerStep } from './answer-step.ts'

/** How questions are asked. */
export interface AgentWork {
  readonly agents: AgentRuntime
  /** Name of the model that the agents ask. */
  readonly model: string
  /** Questions at once, in this process. */
  readonly concurrency: number
  /** Agents of each role that a tenant has. */
  readonly agentsPerRole: number
}

/** What takes the steps that ask agents, on the parts of a process. */
export function agentWorkerOf(parts: SharedParts, work: AgentWork): StepWorker {
  const { agents, model, concurrency, agentsPerRole } = work
  const { agents: registry, logger } = parts
  const desk = new AgentDesk({ registry, owner: randomUUID(), agentsPerRole, model, logger })
  return new StepWorker({
    ...parts,
    service: 'agent-runtime',
    maxConcurrent: concurrency,
    messageLeaseMs: MESSAGE_LEASE_MS,
    work: (step, signal) => answerStep(agents, desk, step, signal),
    onEnd: (step) => parts.news.tell(step),
  })
}

/** Asks the models of the configuration in the name of agents. */
export async function createAgentRuntimeService(context: ServerContext): Promise<Service> {
  const { configuration } = context
  const { close, ...models } = await openModel(configuration)
  context.closeLater(close)
  const options = { ...agentsOptionsOf(configuration), ...models }
  const agents = assembleAgents(context, options, await sandboxOf(context))
  const worker = agentWorkerOf(context, {
    agents,
    model: models.endpoint.model,
    concurrency: configuration.AGENT_STEPS,
    agentsPerRole: configuration.AGENTS_PER_ROLE,
  })
  return { name: 'agent-runtime', run: (stopping, givingUp) => worker.run(stopping, givingUp) }
}

/** Only models that may run code need one. */
async function sandboxOf(context: ServerContext): Promise<SandboxExecutor | undefined> {
  if (!context.configuration.AGENT_TOOLS.includes('run_code')) return undefined
  const { sandbox, close } = await openSandbox(context.configuration, context)
  context.closeLater(close)
  return sandbox
}
