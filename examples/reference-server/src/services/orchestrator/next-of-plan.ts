import type { NewChildTask, Task } from '@golden-arch/core/tasks'
import { planSchema } from '../agent-runtime/answers.ts'
import { attemptOf, evidenceOf, inputOf, wishOf } from './coding-facts.ts'
import { planStep } from './coding-steps.ts'
import type { CodingInput } from './coding-task.ts'
import type { CodingEvidence } from './evidence.ts'
import { answerFound, stepLost } from './found-answer.ts'
import type { NextMove, Situation } from './move-decision.ts'
import { orderPlan } from './plan-order.ts'
import { bookOf, outcomeOf, replySchema } from './step-outcome.ts'

/** What is next for a root whose plan is to be made: the plan, and then its parts. */
export function nextOfPlan({ task, steps }: Situation): NextMove {
  const evidence = evidenceOf(task)
  const attempt = attemptOf(task, 'plan')
  if (evidence.planAttempt === attempt) return offer(task, {})
  const outcome = outcomeOf(bookOf(steps), `plan:${attempt}`, replySchema(planSchema))
  if (outcome.kind === 'pending') return { kind: 'wait' }
  if (outcome.kind === 'failed') return stepLost(outcome.problem)
  if (outcome.kind === 'missing') {
    const feedback = wishOf(task)
    return {
      kind: 'request',
      step: planStep(task, { attempt, ...(feedback === undefined ? {} : { feedback }) }),
    }
  }
  const { value, answerFailure } = answerFound(outcome.value)
  return offer(task, { plan: value, planAttempt: attempt, answerFailure })
}

/** Offers the plan to its guard; where it passes, the parts are made in the same transaction. */
function offer(task: Task, found: Partial<CodingEvidence>): NextMove {
  const { plan } = { ...evidenceOf(task), ...found }
  const children = plan === undefined || plan === null ? [] : partsOf(task, plan)
  return { kind: 'move', to: 'waiting', resumeTo: 'executing', evidence: found, children }
}

/** The parts of a task by its plan, in the plan's order; none where the plan cannot be followed. */
function partsOf(task: Task, plan: NonNullable<CodingEvidence['plan']>): readonly NewChildTask[] {
  const { id, parts = [] } = inputOf(task)
  const ordered = orderPlan(
    plan,
    parts.map((part) => part.entryPoint),
  )
  if (!ordered.ok) return []
  const used = new Map<string, readonly string[]>()
  return ordered.order.flatMap(({ entryPoint, dependsOn }) => {
    const before = [...used.keys()].filter(
      (name) => dependsOn.includes(name) || dependsOn.some((one) => used.get(one)?.includes(name)),
    )
    used.set(entryPoint, before)
    const part = parts.find((one) => one.entryPoint === entryPoint)
    if (part === undefined) return []
    const uses = before.map((name) => ({
      entryPoint: name,
      signature: parts.find((one) => one.entryPoint === name)?.signature ?? name,
    }))
    const input: CodingInput = { ...part, id: `${id}/${entryPoint}`, uses }
    return [{ taskId: `${task.taskId}/${entryPoint}`, title: `${task.title}: ${entryPoint}`, input }]
  })
}
