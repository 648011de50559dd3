import { detectLoop, isFinalStatus, personsWords, type Task } from '@golden-arch/core/tasks'
import { inputOf } from './coding-facts.ts'
import type { NextMove, Situation, WorkLimits } from './move-decision.ts'
import { nextOfAnswer } from './next-of-answer.ts'
import { nextOfChildren } from './next-of-children.ts'
import { nextOfFix } from './next-of-fix.ts'
import { nextOfPlan } from './next-of-plan.ts'
import { nextOfWork } from './next-of-work.ts'

/** Steps are read up to here. */
const MAX_STEPS = 1000
/** Requests or outcomes that are the same, from which on a task goes round in a circle. */
const MAX_ALIKE = 3

const WAIT: NextMove = Object.freeze({ kind: 'wait' })

/** Decides what is next for a coding task by what is stored of it, and by nothing else. */
export function nextMove(situation: Situation, limits: WorkLimits): NextMove {
  const next = decide(situation, limits)
  if (next.kind !== 'request') return next
  const { task, steps } = situation
  const { stepId, service, request } = next.step
  // Votes on other solutions may well be the same. The steps of fixes are those of remediation tasks: what goes round by
  // them is ended by the tries that a fix has, before it could be told for a loop.
  const asked = steps.filter(({ kind }) => !kind.startsWith('review:'))
  const wanted = { service, kind: stepId.slice(0, stepId.lastIndexOf(':')), request, state: 'requested' }
  // A person who says retry wants one try more, however alike those before were.
  const retries = personsWords(task).filter(({ decision }) => decision === 'retry').length
  const loop = detectLoop([...asked, wanted], {
    maxIdenticalRequests: MAX_ALIKE + retries,
    maxSameResults: MAX_ALIKE + retries,
    maxSteps: Math.min(task.limits.maxSteps + 1, MAX_STEPS),
  })
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
  // What persons said of the remediation task is no word on this one.
  const { persons: _, ...evidence } = fix.evidence
  return { kind: 'move', to: task.resumeTo, evidence }
}
