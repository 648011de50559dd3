import type { Actor } from '@golden-arch/core/audit'
import { isGoldenError } from '@golden-arch/core/errors'
import type { Task, TaskMachine } from '@golden-arch/core/tasks'

/** Between two looks at a task it is moved a few times at most: each move waits for a look, or for a step of its own. */
const MAX_TRIES = 10

/**
 * Cancels a task, whatever moves it meanwhile; one that is cancelled is given as it stands. `again` reads it anew.
 * @throws TaskError `TASK_TRANSITION_INVALID` where it has ended otherwise, `TASK_VERSION_CONFLICT` (retryable) where it
 * was moved before each of 10 tries; StorageError by code.
 */
export async function cancelTask(
  machine: Pick<TaskMachine, 'transition'>,
  found: Task,
  actor: Actor,
  again: () => Promise<Task>,
): Promise<Task> {
  let task = found
  for (let tries = 1; task.status !== 'cancelled'; tries++) {
    try {
      const outcome = await machine.transition({ task, to: 'cancelled', actor, reason: 'cancelled' })
      return outcome.task
    } catch (error) {
      if (!isGoldenError(error, 'TASK_VERSION_CONFLICT') || tries === MAX_TRIES) throw error
      task = await again()
    }
  }
  return task
}
