import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QUICKJS_LIMITS } from './adapters/quickjs/quickjs-limits.ts'
import { defaultLimits, type ExecutionLimits } from './execution-limits.ts'
import { resolveLimits } from './resolve-limits.ts'

describe('resolveLimits', () => {
  it('takes the defaults where nothing is asked for', () => {
    expect(resolveLimits({}, QUICKJS_LIMITS)).toEqual(defaultLimits(QUICKJS_LIMITS))
    expect(defaultLimits(QUICKJS_LIMITS)).toMatchObject({ timeoutMs: 1000, memoryLimitBytes: 33_554_432 })
  })

  it('keeps what lies within its range, refuses all else, and clamps nothing', () => {
    // Safe: these are the literal keys of ExecutionLimits.
    const names = Object.keys(QUICKJS_LIMITS) as (keyof ExecutionLimits)[]
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.oneof(fc.maxSafeInteger(), fc.double()), (name, value) => {
        const { min, max } = QUICKJS_LIMITS[name]
        const isAllowed = Number.isSafeInteger(value) && value >= min && value <= max
        if (isAllowed) expect(resolveLimits({ [name]: value }, QUICKJS_LIMITS)[name]).toBe(value)
        else expect(() => resolveLimits({ [name]: value }, QUICKJS_LIMITS)).toThrowError(name)
      }),
    )
  })

  it('takes both ends of each range', () => {
    for (const [name, { min, max }] of Object.entries(QUICKJS_LIMITS)) {
      expect(resolveLimits({ [name]: min }, QUICKJS_LIMITS)).toHaveProperty(name, min)
      expect(resolveLimits({ [name]: max }, QUICKJS_LIMITS)).toHaveProperty(name, max)
    }
  })
})
