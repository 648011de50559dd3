import type { Actor } from '@golden-arch/core/audit'
import type { Task, TaskMachine } from '@golden-arch/core/tasks'
import type { CodingInput, CodingTask } from './coding-task.ts'

/** What a {@link TaskIntake} is made of. */
export interface TaskIntakeOptions {
  readonly machine: TaskMachine
  /** Whose budget pays where a task names no project. */
  readonly projectId: string
}

/** What is not said of a task in its own words. */
export interface TaskIntakeTerms {
  /** The task fails where it has not ended by then. Default: it has no deadline. */
  readonly deadlineAt?: Date | undefined
  /** Whose budget pays. Default: the project of the intake. */
  readonly projectId?: string | undefined
}

/** Takes coding tasks in. The orchestrator gives each a budget of its own before it is worked on. */
export class TaskIntake {
  /** Whose budget pays where a task names no project. */
  readonly projectId: string
  readonly #machine: TaskMachine

  constructor({ machine, projectId }: TaskIntakeOptions) {
    this.projectId = projectId
    this.#machine = machine
  }

  /**
   * Creates the task under its own id, or returns it as it stands where it exists already.
   * @throws TaskError `TASK_EXISTS` when the id belongs to a task of other content; by code, see the ports.
   */
  async accept(
    tenantId: string,
    task: CodingTask,
    actor: Actor,
    { deadlineAt, projectId = this.projectId }: TaskIntakeTerms = {},
  ): Promise<Task> {
    const { id, title, description, signature, entryPoint, tests = [], parts } = task
    const input: CodingInput = {
      id,
      description,
      signature,
      entryPoint,
      tests,
      ...(parts === undefined ? {} : { parts }),
    }
    const due = deadlineAt === undefined ? {} : { deadlineAt }
    return this.#machine.create({ task: { tenantId, taskId: id, projectId, title, input, ...due }, actor })
  }
}
