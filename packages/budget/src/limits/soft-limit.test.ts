import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requireSoftLimits, softLimitsCrossed, softLimitsReached } from './soft-limit.ts'

describe('soft limits', () => {
  it.each<[number[], bigint | number | null, bigint | number, bigint | number, number[]]>([
    [[50, 80], 1000, 0, 499, []],
    [[50, 80], 1000, 499, 500, [50]],
    [[50, 80], 1000, 500, 800, [80]],
    [[80, 50], 1000, 0, 1500, [50, 80]],
    [[50, 80], 1000, 800, 1500, []],
    [[33], 100n, 32n, 33n, [33]],
    [[33], 10, 3, 4, [33]],
    [[100], 10, 9, 10, [100]],
    [[1], 2n ** 63n - 1n, 0n, 92_233_720_368_547_758n, []],
    [[1], 2n ** 63n - 1n, 0n, 92_233_720_368_547_759n, [1]],
    [[50], 0, 0, 10, []],
    [[50], null, 0, 10, []],
    [[], 1000, 0, 1000, []],
    [[50], 1000, 600, 400, []],
  ])('of %j percent of %s, going from %s to %s reaches %j', (percents, limit, before, after, reached) => {
    expect(softLimitsCrossed(percents, limit, before, after)).toEqual(reached)
  })

  const percents = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 16 })
  const growth = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1 })

  it('each fires exactly once however usage grows', () => {
    fc.assert(
      fc.property(percents, fc.bigInt({ min: 0n, max: 10n ** 13n }), growth, (given, limit, steps) => {
        let used = 0n
        const fired: number[] = []
        for (const step of steps) {
          fired.push(...softLimitsCrossed(given, limit, used, used + step))
          used += step
        }
        expect(fired).toEqual(softLimitsReached(given, limit, used))
        expect(new Set(fired).size).toBe(fired.length)
      }),
    )
  })

  it('are returned ascending, and the list that was given stays as it was', () => {
    const given = [90, 50]
    expect(requireSoftLimits(given)).toEqual([50, 90])
    expect(given).toEqual([90, 50])
  })

  it.each<[string, unknown]>([
    ['softLimitPercents', 'half'],
    ['softLimitPercents', Array.from({ length: 17 }, (_, index) => index + 1)],
    ['softLimitPercents[1]', [50, 0]],
    ['softLimitPercents[0]', [101]],
    ['softLimitPercents[0]', [12.5]],
    ['softLimitPercents[1]', [50, 50]],
  ])('a bad %s is refused by name', (option, value) => {
    // As a caller without types would pass it.
    expect(() => requireSoftLimits(value as number[])).toThrow(invalidOption(option))
  })
})
