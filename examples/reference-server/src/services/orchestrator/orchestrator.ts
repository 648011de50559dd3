import type { Actor } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import {
  isFinalStatus,
  type NewTask,
  type Task,
  TaskError,
  type TaskFacts,
  type TaskMachine,
  type TaskStatus,
  TaskStore,
} from '@golden-arch/core/tasks'
import { z } from 'zod'
import { type CodingSteps, evidenceOf, inputOf } from './coding-steps.ts'
import type { CodingInput } from './coding-task.ts'
import { orderPlan } from './plan-order.ts'

/** What an {@link Orchestrator} is made of. */
export interface OrchestratorOptions {
  readonly database: SqlDatabase
  readonly machine: TaskMachine
  readonly steps: CodingSteps
}

const ACTOR: Actor = { id: 'orchestrator', kind: 'service' }
const remediationInput = z.object({
  step: z.enum(['plan', 'generate']),
  attempt: z.number(),
  feedback: z.string(),
})

/**
 * Brings a coding task from pending to its end, one transition at a time. Every step starts from the stored task alone,
 * so a run that was cut off at any point goes on where it stood.
 */
export class Orchestrator {
  readonly #database: SqlDatabase
  readonly #machine: TaskMachine
  readonly #steps: CodingSteps
  readonly #store = new TaskStore()

  constructor(options: OrchestratorOptions) {
    this.#database = options.database
    this.#machine = options.machine
    this.#steps = options.steps
  }

  /**
   * Runs a root or child task to its end, or until the signal fires, and throws its reason then. Where another moves the
   * task meanwhile, as when an operator cancels it, the run goes on from what the task has become.
   */
  async run(tenantId: string, taskId: string, signal: AbortSignal): Promise<Task> {
    let task = await this.#store.get(this.#database, { tenantId, taskId })
    while (!isFinalStatus(task.status)) {
      signal.throwIfAborted()
      try {
        task = await this.#step(task, signal)
      } catch (error) {
        if (!isVersionConflict(error)) throw error
        task = await this.#store.get(this.#database, { tenantId, taskId })
      }
    }
    return task
  }

  async #step(task: Task, signal: AbortSignal): Promise<Task> {
    switch (task.status) {
      case 'pending':
        return this.#move(task, inputOf(task).parts === undefined ? 'generating' : 'planning')
      case 'planning':
        return this.#planned(task, await this.#steps.plan(task, task, { attempt: 1 }, signal))
      case 'waiting':
        return this.#runChildren(task, signal)
      case 'generating':
        return this.#move(task, 'testing', await this.#steps.generate(task, task, { attempt: 1 }, signal))
      case 'testing':
        return this.#move(
          task,
          task.kind === 'root' ? 'reviewing' : 'completed',
          await this.#steps.test(task, signal),
        )
      case 'reviewing':
        return this.#move(task, 'completed', await this.#steps.review(task, signal))
      case 'remediating':
        return this.#remediate(task, signal)
      default:
        throw new Error(`no step leads on from ${task.status}`)
    }
  }

  async #runChildren(task: Task, signal: AbortSignal): Promise<Task> {
    const children: { taskId: string; status: string; reason: string | null }[] = []
    for (const child of await this.#store.children(this.#database, task)) {
      if (child.kind !== 'child') continue
      const done = await this.run(task.tenantId, child.taskId, signal)
      children.push({ taskId: done.taskId, status: done.status, reason: done.statusReason })
      if (done.status !== 'completed') break
    }
    return this.#move(task, 'generating', { children })
  }

  /** Runs the remediation task that the last failed guard made, and takes its result over. */
  async #remediate(task: Task, signal: AbortSignal): Promise<Task> {
    const all = await this.#store.children(this.#database, task)
    const remediation = all.filter((child) => child.kind === 'remediation').at(-1)
    if (remediation === undefined) throw new Error(`task ${task.taskId} has no remediation task`)
    const { step, attempt, feedback } = remediationInput.parse(remediation.input)
    let current = remediation
    if (current.status === 'pending') current = await this.#move(current, 'generating')
    if (current.status === 'generating') {
      const mending = { attempt, feedback }
      const evidence =
        step === 'plan'
          ? await this.#steps.plan(task, current, mending, signal)
          : await this.#steps.generate(task, current, mending, signal)
      current = await this.#move(current, evidence.answerFailure === null ? 'completed' : 'failed', evidence)
    }
    return step === 'plan'
      ? this.#planned(task, current.evidence)
      : this.#move(task, 'testing', current.evidence)
  }

  /** Offers a plan to the guard; where it passes, the child tasks are made in the same transaction. */
  #planned(task: Task, evidence: TaskFacts): Promise<Task> {
    return this.#move(
      task,
      'waiting',
      evidence,
      childrenOf({ ...task, evidence: { ...task.evidence, ...evidence } }),
    )
  }

  async #move(
    task: Task,
    to: TaskStatus,
    evidence?: TaskFacts,
    children?: readonly NewTask[],
  ): Promise<Task> {
    const outcome = await this.#machine.transition({
      task,
      to,
      actor: ACTOR,
      ...(evidence === undefined ? {} : { evidence }),
      ...(children === undefined ? {} : { children }),
    })
    return outcome.task
  }
}

function isVersionConflict(error: unknown): boolean {
  return error instanceof TaskError && error.code === 'TASK_VERSION_CONFLICT'
}

/** The child tasks of a task by its plan, in the plan's order; none where the plan cannot be followed. */
function childrenOf(task: Task): readonly NewTask[] {
  const input = inputOf(task)
  const parts = input.parts ?? []
  const plan = evidenceOf(task).plan
  if (plan === undefined || plan === null) return []
  const ordered = orderPlan(
    plan,
    parts.map((part) => part.entryPoint),
  )
  if (!ordered.ok) return []
  const names = ordered.order.map((step) => step.entryPoint)
  return names.flatMap((name, index) => {
    const part = parts.find((one) => one.entryPoint === name)
    if (part === undefined) return []
    const uses = names.slice(0, index).map((used) => ({
      entryPoint: used,
      signature: parts.find((one) => one.entryPoint === used)?.signature ?? used,
    }))
    const childInput: CodingInput = { ...part, id: `${input.id}/${name}`, uses }
    return [
      {
        tenantId: task.tenantId,
        taskId: `${task.taskId}/${name}`,
        projectId: task.projectId,
        parentTaskId: task.taskId,
        kind: 'child' as const,
        title: `${task.title}: ${name}`,
        input: childInput,
      },
    ]
  })
}
