import { createHash } from 'node:crypto'

/** What {@link promptFor} chooses between. */
export interface PromptChoice<Prompt extends { readonly contentSha256: string }> {
  /** The task, 1 to 256 characters. */
  readonly taskId: string
  /** The version in force. */
  readonly production: Prompt
  /** The version on trial; null where none is. */
  readonly canary: Prompt | null
  /** Share of the tasks, in thousandths, that get it. */
  readonly shareMilli: number
}

/**
 * The prompt of a task: the one on trial for a share of the tasks, told by a hash of the task's id. A task has the same answer
 * always and everywhere; with a larger share no task loses the version on trial. The hash also takes in the text on trial, so
 * that trials of several roles, or one after another, fall on different tasks.
 */
export function promptFor<Prompt extends { readonly contentSha256: string }>(
  choice: PromptChoice<Prompt>,
): Prompt {
  const { taskId, production, canary, shareMilli } = choice
  if (canary === null) return production
  const digest = createHash('sha256').update(`${canary.contentSha256}\n${taskId}`, 'utf8').digest()
  // 48 bits are exact in a number, and so many that the thousandths are even to one in 10^11.
  const place = digest.readUIntBE(0, 6) / 2 ** 48
  return place * 1000 < shareMilli ? canary : production
}
