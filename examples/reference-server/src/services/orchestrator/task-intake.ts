import type { BudgetController } from '@golden-arch/budget'
import type { Actor } from '@golden-arch/core/audit'
import type { Task, TaskMachine } from '@golden-arch/core/tasks'
import { ensureBudget } from '../ensure-budget.ts'
import type { CodingInput, CodingTask } from './coding-task.ts'

/** What a {@link TaskIntake} is made of. */
export interface TaskIntakeOptions {
  readonly machine: TaskMachine
  readonly budgets: BudgetController
  readonly projectId: string
  /** What one task with its parts may spend, in tokens. */
  readonly taskLimitTokens: number
}

/** Takes coding tasks in: each gets a budget of its own, then its row. */
export class TaskIntake {
  readonly #options: TaskIntakeOptions

  constructor(options: TaskIntakeOptions) {
    this.#options = options
  }

  /**
   * Creates the task under its own id, or returns it as it stands where it exists already.
   * The budget comes first: a task without one could not be worked on.
   * @throws TaskError `TASK_EXISTS` when the id belongs to a task of other content; by code, see the ports.
   */
  async accept(tenantId: string, task: CodingTask, actor: Actor): Promise<Task> {
    const { machine, budgets, projectId, taskLimitTokens } = this.#options
    await ensureBudget(budgets, { tenantId, projectId, taskId: task.id }, taskLimitTokens, 'orchestrator')
    const { id, title, description, signature, entryPoint, tests = [], parts } = task
    const input: CodingInput = {
      id,
      description,
      signature,
      entryPoint,
      tests,
      ...(parts === undefined ? {} : { parts }),
    }
    return machine.create({ tenantId, taskId: id, projectId, title, input }, actor)
  }
}
