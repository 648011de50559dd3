import type { TaskKey } from '@golden-arch/core/tasks'

const MAX_TASKS = 10_000

/** How often looks at tasks failed in this process, one after the other; of the tasks that failed last. */
export class FailureCounts {
  readonly #counts = new Map<string, number>()

  /** One failure more; gives how many there are now. */
  count(task: TaskKey): number {
    const key = JSON.stringify([task.tenantId, task.taskId])
    const failures = (this.#counts.get(key) ?? 0) + 1
    this.#counts.delete(key)
    this.#counts.set(key, failures)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MAX_TASKS && oldest !== undefined) this.#counts.delete(oldest)
    return failures
  }

  /** A look went well. */
  forget(task: TaskKey): void {
    if (this.#counts.size > 0) this.#counts.delete(JSON.stringify([task.tenantId, task.taskId]))
  }
}
