import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Task, type TaskFacts, TaskStore } from '@golden-arch/core/tasks'
import type { AgentRuntime } from '../agent-runtime/agent-runtime.ts'
import { planSchema, solutionSchema } from '../agent-runtime/answers.ts'
import { planPrompt, solutionPrompt } from '../agent-runtime/prompts.ts'
import type { Reply } from '../agent-runtime/reply.ts'
import type { ReviewStage } from '../peer-hub/reviewed-solution.ts'
import type { TestStage } from '../sandbox-executor/test-stage.ts'
import { type CodingInput, codingInputSchema } from './coding-task.ts'
import { type CodingEvidence, evidenceSchema } from './evidence.ts'
import { solutionHash } from './solution-hash.ts'

/** What the steps of a coding task work with. */
export interface CodingStepsOptions {
  readonly database: SqlDatabase
  readonly agents: AgentRuntime
  readonly tests: TestStage
  readonly reviews: ReviewStage
}

/** What is to be mended, as the failed guard said it. */
export interface Mending {
  readonly attempt: number
  readonly feedback?: string
}

/** The work of each stage of a coding task. A step reads the task, does its work, and returns the evidence of it. */
export class CodingSteps {
  readonly #options: CodingStepsOptions
  readonly #store = new TaskStore()

  constructor(options: CodingStepsOptions) {
    this.#options = options
  }

  /** Asks an architect for the task's plan. `asker` is the task on whose behalf: the task or its remediation task. */
  async plan(task: Task, asker: Task, mending: Mending, signal: AbortSignal): Promise<TaskFacts> {
    const input = inputOf(task)
    const reply = await this.#options.agents.ask({
      ...scopeOf(task),
      taskId: asker.taskId,
      label: input.id,
      agentId: 'architect-1',
      step: 'plan',
      attempt: mending.attempt,
      messages: planPrompt(input, mending.feedback),
      schema: planSchema,
      signal,
    })
    return { plan: reply.kind === 'value' ? reply.value : null, answerFailure: failureOf(reply) }
  }

  /** Asks a developer for the task's solution. `asker` is the task on whose behalf. */
  async generate(task: Task, asker: Task, mending: Mending, signal: AbortSignal): Promise<TaskFacts> {
    const input = inputOf(task)
    const previous = evidenceOf(task).solution
    const reply = await this.#options.agents.ask({
      ...scopeOf(task),
      taskId: asker.taskId,
      label: input.id,
      agentId: DEVELOPER_ID,
      step: 'generate',
      attempt: mending.attempt,
      messages: solutionPrompt(input, mending.feedback, previous?.code),
      schema: solutionSchema,
      signal,
    })
    return { solution: reply.kind === 'value' ? reply.value : null, answerFailure: failureOf(reply) }
  }

  /** Runs the task's hidden tests on its solution, together with the code that the solution uses. */
  async test(task: Task, signal: AbortSignal): Promise<TaskFacts> {
    const code = solutionCodeOf(task)
    const result = await this.#options.tests.run({
      tenantId: task.tenantId,
      taskId: task.taskId,
      program: await this.program(task),
      tests: inputOf(task).tests,
      signal,
    })
    return { testReport: { solutionHash: solutionHash(code), ...result } }
  }

  /** Has the task's solution reviewed. */
  async review(task: Task, signal: AbortSignal): Promise<TaskFacts> {
    const code = solutionCodeOf(task)
    const contentHash = solutionHash(code)
    const result = await this.#options.reviews.review({
      tenantId: task.tenantId,
      projectId: task.projectId,
      taskId: task.taskId,
      input: inputOf(task),
      code,
      contentHash,
      round: task.attempts.generate ?? 1,
      authorId: DEVELOPER_ID,
      signal,
    })
    return { review: { solutionHash: contentHash, ...result } }
  }

  /** The whole program of a solution: the code of the tasks it builds on, in the plan's order, then its own. */
  async program(task: Task): Promise<string> {
    const own = solutionCodeOf(task)
    const parentId = task.kind === 'root' ? task.taskId : task.parentTaskId
    const family = await this.#store.children(this.#options.database, {
      tenantId: task.tenantId,
      taskId: parentId ?? task.taskId,
    })
    const parts = family.filter((one) => one.kind === 'child')
    const before =
      task.kind === 'root'
        ? parts
        : parts.slice(
            0,
            parts.findIndex((one) => one.taskId === task.taskId),
          )
    return [...before.map(solutionCodeOf), own].join('\n;\n')
  }
}

/** Id of the agent that writes solutions. */
const DEVELOPER_ID = 'developer-1'

/** The input of a coding task. Throws a ZodError where it is none. */
export function inputOf(task: Task): CodingInput {
  return codingInputSchema.parse(task.input)
}

/** The evidence of a coding task. Throws a ZodError where it is none. */
export function evidenceOf(task: Task): CodingEvidence {
  return evidenceSchema.parse(task.evidence)
}

function solutionCodeOf(task: Task): string {
  const solution = evidenceOf(task).solution
  if (solution === undefined || solution === null) throw new Error(`task ${task.taskId} has no solution`)
  return solution.code
}

function scopeOf(task: Task): { tenantId: string; projectId: string; rootTaskId: string } {
  const rootTaskId = task.kind === 'root' ? task.taskId : (task.parentTaskId ?? task.taskId)
  return { tenantId: task.tenantId, projectId: task.projectId, rootTaskId }
}

function failureOf(reply: Reply<unknown>): TaskFacts | null {
  if (reply.kind === 'value') return null
  return { code: reply.code, feedback: reply.feedback, remediable: reply.isRemediable }
}
