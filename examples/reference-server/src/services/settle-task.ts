import { isGoldenError } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { isFinalStatus, type TaskMachine, TaskStore } from '@golden-arch/core/tasks'
import type { TaskDecision } from '@golden-arch/governance/escalation'

const MAX_REASON_CHARACTERS = 4000
const store = new TaskStore()

/**
 * Takes a person's decision on an escalation to the task that asked, with `tx`. A task that has ended meanwhile asks
 * nothing any more: then the word stands with the escalation alone.
 * @throws TaskError `TASK_NOT_ASKING`, `TASK_ALREADY_SETTLED` where the task asks something else by now, or has its
 * answer; StorageError by code.
 */
export async function settleTask(
  machine: TaskMachine,
  tx: SqlTransaction,
  word: TaskDecision,
): Promise<void> {
  const { tenantId, taskId, escalation, decision, reason, actor } = word
  const { askedAtVersion } = escalation.evidence
  // Other parts of the system may report of a task without its asking.
  if (typeof askedAtVersion !== 'number') return
  const task = await store.get(tx, { tenantId, taskId }).catch((error: unknown) => {
    // Forgotten, as it ended long ago.
    if (isGoldenError(error, 'TASK_NOT_FOUND')) return undefined
    throw error
  })
  if (task === undefined || isFinalStatus(task.status)) return
  const said = reason.slice(0, MAX_REASON_CHARACTERS).toWellFormed()
  await machine.settle(
    { task, askedAtVersion, decision, actor, reason: said === '' ? undefined : said },
    { tx },
  )
}
