import {
  DEFAULT_TASK_LIMITS,
  type Step,
  type StepState,
  type Task,
  type TaskFacts,
} from '@golden-arch/core/tasks'
import type { CodingInput } from '../coding-task.ts'
import type { Situation } from '../move-decision.ts'

const test = { name: 'one', run: 'return f()', equals: 1 }

/** What a task without parts is asked for. */
export const PLAIN_INPUT: CodingInput = {
  id: 't',
  description: 'd',
  signature: 'function f()',
  entryPoint: 'f',
  tests: [test],
}

/** What a part is asked for. */
export function partInput(entryPoint: string, ...uses: readonly string[]): CodingInput {
  return {
    ...PLAIN_INPUT,
    id: `t/${entryPoint}`,
    entryPoint,
    uses: uses.map((one) => ({ entryPoint: one, signature: 's' })),
  }
}

/** What a task with these parts is asked for. */
export function inputWithParts(...names: readonly string[]): CodingInput {
  const parts = names.map((entryPoint) => ({ entryPoint, signature: 's', description: 'd', tests: [test] }))
  return { ...PLAIN_INPUT, parts }
}

/** A task as the table keeps it, with what the test says of it. */
export function codingTask(facts: Partial<Task> = {}): Task {
  const kind = facts.kind ?? 'root'
  return {
    tenantId: 'acme',
    taskId: 't',
    projectId: 'p',
    parentTaskId: kind === 'root' ? null : 't',
    rootTaskId: 't',
    depth: kind === 'root' ? 0 : 1,
    kind,
    title: 't',
    status: 'executing',
    statusReason: null,
    waitingFor: null,
    resumeTo: null,
    version: 1,
    attempts: {},
    fixes: {},
    limits: DEFAULT_TASK_LIMITS,
    input: PLAIN_INPUT,
    evidence: {},
    wakeAt: null,
    deadlineAt: null,
    createdBy: 'ada',
    createdAt: new Date(0),
    updatedAt: new Date(0),
    ...facts,
  }
}

/** A step as the table keeps it. */
export function codingStep(stepId: string, state: StepState, result: TaskFacts | null = null): Step {
  const isOver = state !== 'requested' && state !== 'running'
  return {
    tenantId: 'acme',
    taskId: 't',
    stepId,
    service: 's',
    kind: stepId.slice(0, stepId.lastIndexOf(':')),
    request: {},
    state,
    result,
    error: state === 'failed' ? { name: 'Error', message: 'the sandbox is away' } : null,
    fence: 1,
    runs: 1,
    maxRuns: 5,
    timeoutMs: 1000,
    deadlineAt: null,
    requestedAt: new Date(0),
    endedAt: isOver ? new Date(0) : null,
  }
}

/** A situation with nothing around the task but what the test says. */
export function situationOf(task: Task, around: Partial<Omit<Situation, 'task'>> = {}): Situation {
  return { task, steps: [], parent: undefined, parts: [], fix: undefined, ...around }
}
