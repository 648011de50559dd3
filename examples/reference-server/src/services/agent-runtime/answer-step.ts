import type { AgentRole, ClaimedStep } from '@golden-arch/core/tasks'
import type { z } from 'zod'
import { payerOfPart } from '../orchestrator/part-budgets.ts'
import type { AgentDesk } from './agent-desk.ts'
import { type AgentRequest, agentRequestSchema } from './agent-request.ts'
import type { AgentRuntime, Question } from './agent-runtime.ts'
import { planSchema, solutionSchema, voteSchema, writtenTestsSchema } from './answers.ts'
import { planPrompt, reviewPrompt, solutionPrompt, testsPrompt } from './prompts.ts'
import type { Reply } from './reply.ts'

/** The role of the agent that a request is for. */
function roleOf(request: AgentRequest): AgentRole {
  switch (request.ask) {
    case 'plan':
      return 'architect'
    case 'generate':
      return 'developer'
    case 'write-tests':
      return 'tester'
    case 'vote':
      return request.role
  }
}

/** Asks an agent what a step asks for. The reply is the step's result: that there is no answer is one, too. */
export async function answerStep(
  agents: AgentRuntime,
  desk: AgentDesk,
  step: ClaimedStep,
  signal: AbortSignal,
): Promise<Reply<unknown>> {
  const request = agentRequestSchema.parse(step.request)
  const { tenantId, taskId } = step
  return desk.withAgent({ tenantId, taskId, role: roleOf(request) }, signal, (agent, until) =>
    ask(agents, { step, request, agentId: agent.agentId, signal: until }),
  )
}

/** A request in the hands of an agent. */
interface Asked {
  readonly step: ClaimedStep
  readonly request: AgentRequest
  readonly agentId: string
  readonly signal: AbortSignal
}

function ask(agents: AgentRuntime, asked: Asked): Promise<Reply<unknown>> {
  const { request } = asked
  const { task } = request
  switch (request.ask) {
    case 'plan':
      return agents.ask(question(asked, planPrompt(task, request.feedback), planSchema))
    case 'generate': {
      const messages = solutionPrompt(task, request.feedback, request.previousCode)
      return agents.ask(question(asked, messages, solutionSchema))
    }
    case 'write-tests': {
      const messages = testsPrompt(task, request.feedback)
      return agents.ask(question(asked, messages, writtenTestsSchema))
    }
    case 'vote': {
      const messages = reviewPrompt(request.role, task, request.code)
      return agents.ask(question(asked, messages, voteSchema))
    }
  }
}

function question<Value>(
  { step, request, agentId, signal }: Asked,
  messages: Question<Value>['messages'],
  schema: z.ZodType<Value>,
): Question<Value> {
  const { tenantId, taskId, stepId, fence } = step
  const { projectId, rootTaskId, part, task, attempt } = request
  const role = roleOf(request)
  return {
    ...{ tenantId, projectId, rootTaskId, taskId, attempt, messages, schema, signal },
    // What a tester is told who writes tests is no prompt of one who votes.
    role: request.ask === 'write-tests' ? null : role,
    label: task.id,
    agentId: part === undefined ? agentId : payerOfPart(part),
    step: request.ask === 'vote' ? `review:${role}` : request.ask,
    heldBy: { stepId, fence },
  }
}
