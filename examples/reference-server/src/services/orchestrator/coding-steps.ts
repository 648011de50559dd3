import type { Task, TaskFacts } from '@golden-arch/core/tasks'
import type { AgentRequest } from '../agent-runtime/agent-request.ts'
import type { ReviewRequest } from '../peer-hub/review-request.ts'
import type { TestRequest } from '../sandbox-executor/test-request.ts'
import { inputOf, programOf, testsOf } from './coding-facts.ts'
import type { CodingEvidence } from './evidence.ts'
import { solutionHash } from './solution-hash.ts'
import { taskWords } from './task-words.ts'

/** A step that a coding task needs next. */
export interface CodingStep {
  /** Such as `generate:2`. */
  readonly stepId: string
  readonly service: 'agent-runtime' | 'sandbox-executor' | 'peer-hub'
  readonly request: TaskFacts
  /** Milliseconds that one run may take. */
  readonly timeoutMs: number
}

/** Id of the agent that stands for the developers in a review: an author does not vote. */
const DEVELOPER_ID = 'developer-1'

const MINUTE_MS = 60_000
const TIMEOUT_MS = { agent: 10 * MINUTE_MS, tests: 10 * MINUTE_MS, review: 30 * MINUTE_MS } as const

/** What is to be mended, in the words of what refused it. */
export interface Mending {
  readonly attempt: number
  readonly feedback?: string
  /** The solution that was refused. */
  readonly previousCode?: string
}

/** Asks an architect for the plan of `task`. */
export function planStep(task: Task, { attempt, feedback }: Mending): CodingStep {
  const request: AgentRequest = { ask: 'plan', ...askedFor(task, attempt), ...said({ feedback }) }
  return agentStep(`plan:${attempt}`, request)
}

/** Asks a developer for a solution of `task`. */
export function generateStep(task: Task, { attempt, feedback, previousCode }: Mending): CodingStep {
  const request: AgentRequest = {
    ask: 'generate',
    ...askedFor(task, attempt),
    ...said({ feedback, previousCode }),
  }
  return agentStep(`generate:${attempt}`, request)
}

/** Asks a tester for the tests of `task`. */
export function writeTestsStep(task: Task, { attempt, feedback }: Mending): CodingStep {
  const request: AgentRequest = { ask: 'write-tests', ...askedFor(task, attempt), ...said({ feedback }) }
  return agentStep(`write-tests:${attempt}`, request)
}

/** Has the sandbox run the tests of `task` on the code, together with the parts that it builds on. */
export function testStep(
  task: Task,
  evidence: CodingEvidence,
  {
    attempt,
    code,
    parts,
  }: { readonly attempt: number; readonly code: string; readonly parts: readonly Task[] },
): CodingStep {
  const request: TestRequest = {
    solutionHash: solutionHash(code),
    program: programOf(task, code, parts),
    tests: [...testsOf(task, evidence)],
  }
  return { stepId: `test:${attempt}`, service: 'sandbox-executor', request, timeoutMs: TIMEOUT_MS.tests }
}

/** Has the code reviewed. */
export function reviewStep(task: Task, attempt: number, code: string): CodingStep {
  const { projectId, rootTaskId } = task
  const request: ReviewRequest = {
    projectId,
    rootTaskId,
    task: taskWords(inputOf(task)),
    code,
    contentHash: solutionHash(code),
    round: attempt,
    authorId: DEVELOPER_ID,
  }
  return { stepId: `review:${attempt}`, service: 'peer-hub', request, timeoutMs: TIMEOUT_MS.review }
}

function agentStep(stepId: string, request: AgentRequest): CodingStep {
  return { stepId, service: 'agent-runtime', request, timeoutMs: TIMEOUT_MS.agent }
}

function askedFor(task: Task, attempt: number): Omit<Extract<AgentRequest, { ask: 'plan' }>, 'ask'> {
  const input = inputOf(task)
  const { projectId, rootTaskId } = task
  const part = task.kind === 'child' ? { part: input.entryPoint } : {}
  return { projectId, rootTaskId, ...part, task: taskWords(input), attempt }
}

/** Only what is there: a field that is undefined is no JSON. */
function said<Words extends Readonly<Record<string, string | undefined>>>(
  words: Words,
): { [Name in keyof Words]?: string } {
  // The entries of an object are its own names with their values; those that are undefined are left out.
  return Object.fromEntries(Object.entries(words).filter(([, text]) => text !== undefined)) as {
    [Name in keyof Words]?: string
  }
}
