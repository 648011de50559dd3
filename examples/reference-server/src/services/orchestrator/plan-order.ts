import type { Plan } from '../agent-runtime/answers.ts'

/** A plan put in order, or what is wrong with it. */
export type PlanOrder =
  | { readonly ok: true; readonly order: readonly Plan['steps'][number][] }
  | { readonly ok: false; readonly problem: string }

/** Puts the steps of a plan behind what they depend on, if the plan covers exactly `parts` and has no cycle. */
export function orderPlan(plan: Plan, parts: readonly string[]): PlanOrder {
  const byName = new Map(plan.steps.map((step) => [step.entryPoint, step]))
  if (byName.size !== plan.steps.length) return { ok: false, problem: 'a step is named twice' }
  const missing = parts.filter((part) => !byName.has(part))
  if (missing.length > 0) return { ok: false, problem: `no step for ${missing.join(', ')}` }
  const extra = plan.steps.filter((step) => !parts.includes(step.entryPoint))
  if (extra.length > 0) return { ok: false, problem: `no part is named ${extra[0]?.entryPoint}` }
  const order: Plan['steps'][number][] = []
  const done = new Set<string>()
  while (order.length < plan.steps.length) {
    const next = plan.steps.find(
      (step) => !done.has(step.entryPoint) && step.dependsOn.every((name) => done.has(name)),
    )
    if (next === undefined) {
      const stuck = plan.steps.filter((step) => !done.has(step.entryPoint)).map((step) => step.entryPoint)
      return { ok: false, problem: `steps wait for each other or for an unknown step: ${stuck.join(', ')}` }
    }
    order.push(next)
    done.add(next.entryPoint)
  }
  return { ok: true, order }
}
