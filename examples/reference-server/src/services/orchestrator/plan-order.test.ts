import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orderPlan } from './plan-order.ts'

const step = (
  entryPoint: string,
  ...dependsOn: string[]
): { entryPoint: string; goal: string; dependsOn: string[] } => ({ entryPoint, goal: 'g', dependsOn })

/** Steps without a cycle, in any order: each may depend on those before it in a hidden order. */
const soundPlan = fc
  .integer({ min: 1, max: 8 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc
          .subarray(Array.from({ length: index }, (_, before) => `f${before}`))
          .map((deps) => step(`f${index}`, ...deps)),
      ),
    ),
  )
  .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length }))

describe('the order of a plan', () => {
  it('has every step once, each behind what it depends on', () => {
    fc.assert(
      fc.property(soundPlan, (steps) => {
        const parts = steps.map((one) => one.entryPoint)
        const ordered = orderPlan({ steps }, parts)
        if (!ordered.ok) throw new Error(ordered.problem)
        const names = ordered.order.map((one) => one.entryPoint)
        expect([...names].sort()).toEqual([...parts].sort())
        for (const [index, one] of ordered.order.entries()) {
          for (const name of one.dependsOn) expect(names.indexOf(name)).toBeLessThan(index)
        }
      }),
    )
  })

  it('is none where steps wait for each other', () => {
    fc.assert(
      fc.property(soundPlan, fc.nat(), (steps, pick) => {
        const names = steps.map((one) => one.entryPoint)
        const ordered = orderPlan({ steps }, names)
        const order = ordered.ok ? ordered.order : []
        const last = order[order.length - 1]
        const first = order[pick % order.length]
        if (first === undefined || last === undefined) throw new Error('no order')
        const looped = steps.map((one) =>
          one === first ? { ...one, dependsOn: [...one.dependsOn, last.entryPoint] } : one,
        )
        const tail = looped.map((one) =>
          one.entryPoint === last.entryPoint
            ? { ...one, dependsOn: [...one.dependsOn, first.entryPoint] }
            : one,
        )
        expect(orderPlan({ steps: tail }, names)).toMatchObject({ ok: false })
      }),
    )
  })

  it.each([
    ['a part without a step', [step('a')], ['a', 'b'], 'no step for b'],
    ['a step without a part', [step('a'), step('b')], ['a'], 'no part is named b'],
    ['a step named twice', [step('a'), step('a')], ['a'], 'a step is named twice'],
    ['an unknown dependency', [step('a', '__proto__')], ['a'], 'unknown step: a'],
    ['a step that waits for itself', [step('a', 'a')], ['a'], 'unknown step: a'],
  ])('refuses %s', (_, steps, parts, problem) => {
    const ordered = orderPlan({ steps }, parts)
    expect(ordered.ok ? '' : ordered.problem).toContain(problem)
  })
})
