import { PERSONS_FIELD, type PersonDecision, type PersonsWord, personsWords } from './persons-word.ts'
import type { Task } from './task.ts'
import { TaskError } from './task-error.ts'

/** Answers that one task takes; after them a person can only end it. */
export const MAX_PERSONS_WORDS = 100

/** A person's answer, before it is checked against what the task asks. */
export interface GivenAnswer {
  /** Id of the person. */
  readonly by: string
  readonly decision: PersonDecision
  readonly note: string | null
  /** The question that is answered: `askedAtVersion` of what the task waits for. */
  readonly askedAtVersion: number
}

/** What becomes of an answer. */
export type Settlement =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'settled'; readonly task: Task; readonly word: PersonsWord }

/**
 * Takes a person's answer to what a task asks: an `approve` or a `retry` is written down for the guards to read, and a
 * `retry` allows the fixes anew; a `reject` fails the task and a `cancel` cancels it. The same answer again changes nothing.
 * @throws TaskError `TASK_NOT_ASKING` when the task does not ask this question, or has taken 100 answers and is to go
 * on; `TASK_ALREADY_SETTLED` when it was answered otherwise.
 */
export function decideSettlement(task: Task, answer: GivenAnswer, now: Date): Settlement {
  const { by, decision, note, askedAtVersion } = answer
  const words = personsWords(task)
  const earlier = words.findLast((word) => word.askedAtVersion === askedAtVersion)
  if (earlier !== undefined) {
    if (earlier.by === by && earlier.decision === decision && earlier.note === note)
      return { kind: 'unchanged' }
    throw refusal('TASK_ALREADY_SETTLED', `${earlier.by} answered ${earlier.decision}`, task, answer)
  }
  const { waitingFor } = task
  if (waitingFor?.kind !== 'approval' || waitingFor.askedAtVersion !== askedAtVersion)
    throw refusal('TASK_NOT_ASKING', 'it does not ask that', task, answer)
  const goesOn = decision === 'approve' || decision === 'retry'
  if (goesOn && words.length >= MAX_PERSONS_WORDS)
    throw refusal(
      'TASK_NOT_ASKING',
      `it has taken ${words.length} answers: it can only be ended`,
      task,
      answer,
    )
  const { guard, reason, evidenceHash } = waitingFor
  const word = { by, decision, note, at: now.toISOString(), askedAtVersion, guard, reason, evidenceHash }
  const settled: Task = {
    ...task,
    version: task.version + 1,
    evidence: { ...task.evidence, [PERSONS_FIELD]: [...words, word] },
    fixes: decision === 'retry' ? {} : task.fixes,
  }
  if (goesOn) return { kind: 'settled', task: settled, word }
  const end = { waitingFor: null, resumeTo: null }
  const status = decision === 'reject' ? 'failed' : 'cancelled'
  return { kind: 'settled', task: { ...settled, ...end, status, statusReason: `${status}-by-person` }, word }
}

function refusal(
  code: 'TASK_NOT_ASKING' | 'TASK_ALREADY_SETTLED',
  problem: string,
  { taskId, status }: Task,
  { askedAtVersion }: GivenAnswer,
): TaskError {
  return new TaskError({
    code,
    message: `task ${taskId} takes no answer to what it asked at version ${askedAtVersion}: ${problem}`,
    details: { taskId, status, askedAtVersion },
  })
}
