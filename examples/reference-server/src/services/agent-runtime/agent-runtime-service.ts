import { randomUUID } from 'node:crypto'
import { openModel } from '../../open-model.ts'
import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { MESSAGE_LEASE_MS, type SharedParts } from '../../shared-parts.ts'
import { StepWorker } from '../steps/step-worker.ts'
import { AgentDesk } from './agent-desk.ts'
import { AgentRuntime } from './agent-runtime.ts'
import { strictAnswerParser } from './answer-parser.ts'
import { answerStep } from './answer-step.ts'
import { ModelClient } from './model-client.ts'
import { tokenBudgetGate } from './token-budget-gate.ts'

/** Questions that one process asks at once. */
const CONCURRENCY = 4

/** How questions are asked. */
export interface AgentWork {
  readonly agents: AgentRuntime
  /** Name of the model that the agents ask. */
  readonly model: string
  /** Questions at once. */
  readonly concurrency: number
}

/** What takes the steps that ask agents, on the parts of a process. */
export function agentWorkerOf(parts: SharedParts, { agents, model, concurrency }: AgentWork): StepWorker {
  const { agents: registry, logger } = parts
  const desk = new AgentDesk({ registry, owner: randomUUID(), agentsPerRole: concurrency, model, logger })
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
  const { configuration, budgets, database, metrics, logger, breakers } = context
  const { endpoint, close } = await openModel(configuration)
  context.closeLater(close)
  const agents = new AgentRuntime({
    ...{ database, metrics, logger, breakers },
    model: new ModelClient(endpoint),
    budget: tokenBudgetGate(budgets),
    parse: strictAnswerParser(metrics),
  })
  const worker = agentWorkerOf(context, { agents, model: endpoint.model, concurrency: CONCURRENCY })
  return { name: 'agent-runtime', run: (stopping, givingUp) => worker.run(stopping, givingUp) }
}
