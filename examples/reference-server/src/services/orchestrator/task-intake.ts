import type { Actor } from '@golden-arch/core/audit'
import type { Task, TaskMachine } from '@golden-arch/core/tasks'
import type { CodingInput, CodingTask } from './coding-task.ts'

/** What a {@link TaskIntake} is made of. */
export interface TaskIntakeOptions {
  readonly machine: TaskMachine
  readonly projectId: string
}

/** Takes coding tasks in. The orchestrator gives each a budget of its own before it is worked on. */
export class TaskIntake {
  readonly #options: TaskIntakeOptions

  constructor(options: TaskIntakeOptions) {
    this.#options = options
  }

  /**
   * Creates the task under its own id, or returns it as it stands where it exists already. One that has not ended by its
   * deadline fails; default: it has none.
   * @throws TaskError `TASK_EXISTS` when the id belongs to a task of other content; by code, see the ports.
   */
  async accept(tenantId: string, task: CodingTask, actor: Actor, deadlineAt?: Date): Promise<Task> {
    const { machine, projectId } = this.#options
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
    return machine.create({ tenantId, taskId: id, projectId, title, input, ...due }, actor)
  }
}
