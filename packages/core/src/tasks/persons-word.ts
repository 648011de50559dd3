import type { Task } from './task.ts'

/** The field of the evidence that holds what persons said. Only {@link TaskMachine.settle} writes it. */
export const PERSONS_FIELD = 'persons'

/** What persons may decide: `approve` accepts as it is, `retry` asks for another try, `reject` and `cancel` end the task. */
export const PERSON_DECISIONS = ['approve', 'retry', 'reject', 'cancel'] as const

/** What a person decided. */
export type PersonDecision = (typeof PERSON_DECISIONS)[number]

/** What a person said when a task asked. */
export interface PersonsWord {
  /** Id of the person. */
  readonly by: string
  readonly decision: PersonDecision
  /** In the person's words; null where there are none. */
  readonly note: string | null
  /** When, RFC 3339 in UTC. */
  readonly at: string
  /** The question: version of the task that asked it. */
  readonly askedAtVersion: number
  /** The guard that had refused; null where the task was escalated without one. */
  readonly guard: string | null
  /** Why the person was asked. */
  readonly reason: string
  /** Digest of what the question was about. */
  readonly evidenceHash: string
}

/** What persons said of the task, oldest first. */
export function personsWords(task: Task): readonly PersonsWord[] {
  const words = task.evidence[PERSONS_FIELD]
  // The field is reserved: nothing but words of persons is ever written to it.
  return Array.isArray(words) ? (words as readonly PersonsWord[]) : []
}

/** What a person answered to the question that the task asks now; undefined while nobody has. */
export function answerOf(task: Task): PersonsWord | undefined {
  const { waitingFor } = task
  if (waitingFor?.kind !== 'approval') return undefined
  return personsWords(task).findLast((word) => word.askedAtVersion === waitingFor.askedAtVersion)
}
