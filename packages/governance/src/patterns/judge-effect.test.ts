import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeEffect, lastLook, resolveEffectOptions } from './judge-effect.ts'

const options = resolveEffectOptions()
const tasks = (count: number, failed: number): boolean[] =>
  Array.from({ length: count }, (_, index) => index < failed)

describe('judgeEffect', () => {
  it('knows nothing before 5 tasks were there before and 20 after', () => {
    expect(judgeEffect({ tasks: 4, failed: 0 }, tasks(200, 200), options).kind).toBe('unknown')
    expect(judgeEffect({ tasks: 200, failed: 0 }, tasks(19, 19), options).kind).toBe('unknown')
    expect(judgeEffect({ tasks: 5, failed: 0 }, tasks(20, 20), options).kind).toBe('harmful')
  })

  it('tells harm, help and neither, with the interval of the difference', () => {
    const before = { tasks: 100, failed: 30 }
    expect(judgeEffect(before, tasks(40, 34), options)).toMatchObject({ kind: 'harmful' })
    expect(judgeEffect(before, tasks(40, 0), options)).toMatchObject({ kind: 'helpful' })
    const neither = judgeEffect(before, tasks(40, 15), options)
    expect(neither.kind).toBe('none')
    if (neither.kind === 'unknown') throw new Error('it has an interval')
    expect(neither.difference.low).toBeLessThan(0.075)
    expect(neither.difference.high).toBeGreaterThan(0.075)
  })

  it('looks at 20, 40, 80 … 640 tasks and never between, so that the same tasks give the same answer', () => {
    expect(lastLook(options)).toBe(640)
    const before = { tasks: 100, failed: 10 }
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 20, maxLength: 700 }), (after) => {
        const looks = [20, 40, 80, 160, 320, 640].filter((look) => look <= after.length)
        const look = looks.at(-1) ?? 0
        expect(judgeEffect(before, after, options)).toEqual(
          judgeEffect(before, after.slice(0, look), options),
        )
        expect(judgeEffect(before, after, options).after.tasks).toBe(look)
      }),
    )
  })

  it('never finds harm where fewer failed than before, nor help where more did', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.boolean(), { minLength: 20, maxLength: 160 }),
        (count, share, after) => {
          const before = { tasks: count, failed: Math.floor(count * share) }
          const effect = judgeEffect(before, after, options)
          const isWorse = effect.after.failed / effect.after.tasks > before.failed / before.tasks
          if (effect.kind === 'harmful') expect(isWorse).toBe(true)
          if (effect.kind === 'helpful') expect(isWorse).toBe(false)
        },
      ),
    )
  })

  it('refuses options out of range', () => {
    expect(() => resolveEffectOptions({ minTasks: 9 })).toThrow(/effect.minTasks/)
    expect(() => resolveEffectOptions({ maxLooks: 0 })).toThrow(/effect.maxLooks/)
    expect(() => resolveEffectOptions({ z: 0 })).toThrow(/effect.z/)
  })
})
