import { personsWords, type Task } from '@golden-arch/core/tasks'
import { type CodingInput, codingInputSchema, type HiddenTest } from './coding-task.ts'
import { type CodingEvidence, evidenceSchema } from './evidence.ts'

/** Steps that are done again where their outcome was refused. */
export type RepeatedStep = 'plan' | 'generate'

/** The input of a coding task. Throws a ZodError where it is none. */
export function inputOf(task: Task): CodingInput {
  return codingInputSchema.parse(task.input)
}

/** The evidence of a coding task. Throws a ZodError where it is none. */
export function evidenceOf(task: Task): CodingEvidence {
  return evidenceSchema.parse(task.evidence)
}

/** The code of a task's solution. Throws where it has none. */
function solutionCodeOf(task: Task): string {
  const { solution } = evidenceOf(task)
  if (solution === undefined || solution === null) throw new Error(`task ${task.taskId} has no solution`)
  return solution.code
}

/** The tests that hold for a task: its own, or those that a tester wrote where it came without any. */
export function testsOf(task: Task, evidence: CodingEvidence): readonly HiddenTest[] {
  const { tests } = inputOf(task)
  return tests.length > 0 ? tests : (evidence.writtenTests ?? [])
}

/**
 * The whole program of a solution: the code of the parts it builds on, in the plan's order, then its own. `parts` are
 * all parts of the root, of which the task may be one.
 */
export function programOf(task: Task, code: string, parts: readonly Task[]): string {
  const { uses } = inputOf(task)
  const used = new Set(uses?.map((one) => one.entryPoint))
  const before = task.kind === 'root' ? parts : parts.filter((part) => used.has(inputOf(part).entryPoint))
  return [...before.map(solutionCodeOf), code].join('\n;\n')
}

/** Which attempt of a step a task is at, from 1. */
export function attemptOf(task: Task, step: RepeatedStep): number {
  return task.attempts[step] ?? 1
}

/** What the person who asked last for another try wants to be different; undefined where nobody said so. */
export function wishOf(task: Task): string | undefined {
  return personsWords(task).findLast((word) => word.decision === 'retry')?.note ?? undefined
}
