import {
  detectLoop,
  isFinalStatus,
  type NewChildTask,
  type Step,
  type Task,
  type TaskFacts,
  type TaskStatus,
} from '@golden-arch/core/tasks'
import { inputOf } from './coding-facts.ts'
import type { CodingStep } from './coding-steps.ts'
import { nextOfAnswer } from './next-of-answer.ts'
import { nextOfChildren } from './next-of-children.ts'
import { nextOfFix } from './next-of-fix.ts'
import { nextOfPlan } from './next-of-plan.ts'
import { nextOfWork } from './next-of-work.ts'

/** A task, and all that its next move is decided by. */
export interface Situation {
  readonly task: Task
  readonly steps: readonly Step[]
  /** The task above; undefined for a root. */
  readonly parent: Task | undefined
  /** The parts of the root, in the plan's order: a root's own children, or a child with its siblings. */
  readonly parts: readonly Task[]
  /** The remediation task that a waiting task waits for. */
  readonly fix: Task | undefined
}

/** What an orchestrator does next with a task. */
export type NextMove =
  | { readonly kind: 'request'; readonly step: CodingStep }
  | {
      readonly kind: 'move'
      readonly to: TaskStatus
      readonly evidence?: TaskFacts
      readonly reason?: string
      /** What a person is asked, on a move to `escalated`. */
      readonly question?: string
      readonly resumeTo?: TaskStatus
      /** Steps that begin anew. */
      readonly newAttempts?: readonly string[]
      readonly children?: readonly NewChildTask[]
    }
  /** Parts that may begin now. */
  | { readonly kind: 'start'; readonly parts: readonly Task[] }
  | { readonly kind: 'wait' }

/** How wide a coding task may work. */
export interface WorkLimits {
  /** Parts of one root that are worked on at once, 1 or more. */
  readonly maxParallelParts: number
}

/** Steps are read up to here. */
const MAX_STEPS = 1000

const WAIT: NextMove = Object.freeze({ kind: 'wait' })

/** Decides what is next for a coding task by what is stored of it, and by nothing else. */
export function nextMove(situation: Situation, limits: WorkLimits): NextMove {
  const next = decide(situation, limits)
  if (next.kind !== 'request') return next
  const { task, steps } = situation
  const { stepId, service, request } = next.step
  // Votes on other solutions may well be the same.
  const asked = steps.filter(({ kind }) => !kind.startsWith('review:'))
  const wanted = { service, kind: stepId.slice(0, stepId.lastIndexOf(':')), request, state: 'requested' }
  const loop = detectLoop([...asked, wanted], { maxSteps: Math.min(task.limits.maxSteps + 1, MAX_STEPS) })
  if (loop === undefined) return next
  const { reason, kind, count } = loop
  const question =
    kind === undefined ? `The task has taken ${count - 1} steps.` : `${kind}: ${count} times the same.`
  return { kind: 'move', to: 'escalated', reason, question }
}

function decide(situation: Situation, limits: WorkLimits): NextMove {
  const { task } = situation
  if (isFinalStatus(task.status)) return WAIT
  switch (task.status) {
    case 'submitted':
      return nextOfSubmitted(task)
    case 'planning':
      return nextOfPlan(situation)
    case 'executing':
      return task.kind === 'remediation' ? nextOfFix(situation) : nextOfWork(situation)
    case 'reviewing':
      return nextOfWork(situation)
    case 'waiting':
      return nextOfWaiting(situation, limits)
    case 'escalated':
      return nextOfAnswer(task)
  }
}

/** A part waits until its root lets it begin. */
function nextOfSubmitted(task: Task): NextMove {
  if (task.kind === 'child') return WAIT
  const hasParts = task.kind === 'root' && inputOf(task).parts !== undefined
  return { kind: 'move', to: hasParts ? 'planning' : 'executing' }
}

function nextOfWaiting(situation: Situation, limits: WorkLimits): NextMove {
  const { task, fix } = situation
  if (task.waitingFor?.kind === 'children') return nextOfChildren(situation, limits)
  if (task.waitingFor?.kind === 'approval') return nextOfAnswer(task)
  if (task.resumeTo === null || fix === undefined || !isFinalStatus(fix.status)) return WAIT
  return { kind: 'move', to: task.resumeTo, evidence: fix.evidence }
}
