import { InvalidOptionError } from '@golden-arch/core/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capFamilies } from './cap-families.ts'
import type { WeighedVoter } from './weighed-voter.ts'

const panel = (...families: readonly (readonly [string, ...number[]])[]): readonly WeighedVoter[] =>
  families.flatMap(([modelFamily, ...weights]) =>
    weights.map((weightMilli, index) => ({
      agentId: `${modelFamily}${index}`,
      model: 'm',
      modelFamily,
      weightMilli,
    })),
  )
const weightsOf = (voters: readonly WeighedVoter[]): readonly number[] => voters.map((one) => one.weightMilli)
const sumsOf = (voters: readonly WeighedVoter[]): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>()
  for (const one of voters) sums.set(one.modelFamily, (sums.get(one.modelFamily) ?? 0) + one.weightMilli)
  return sums
}

const PANELS = fc
  .array(
    fc.record({
      family: fc.constantFrom('a', 'b', 'c', 'd'),
      weightMilli: fc.integer({ min: 0, max: 3000 }),
    }),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  .map((voters) =>
    voters.map(({ family, weightMilli }, index) => ({
      agentId: `v${index}`,
      model: 'm',
      modelFamily: family,
      weightMilli,
    })),
  )
const SHARES = fc
  .integer({ min: 1, max: 10 })
  .chain((denominator) =>
    fc.record({ numerator: fc.integer({ min: 1, max: denominator }), denominator: fc.constant(denominator) }),
  )

describe('capFamilies', () => {
  it('cuts a family that has too much in proportion, and leaves the others', () => {
    const { voters, cappedFamilies, share } = capFamilies(
      panel(['a', 3000, 1500], ['b', 1000], ['c', 1000], ['d', 1000]),
      { numerator: 2, denominator: 5 },
    )
    // 2/5 of 5000 is what a may have beside 3000 of the others.
    expect(weightsOf(voters)).toEqual([1333, 666, 1000, 1000, 1000])
    expect(cappedFamilies).toEqual(['a'])
    expect(share).toEqual({ numerator: 2, denominator: 5 })
  })

  it('cuts a second family that has too much once the first is cut', () => {
    const { voters, cappedFamilies } = capFamilies(panel(['a', 9000], ['b', 2000], ['c', 500], ['d', 500]), {
      numerator: 1,
      denominator: 3,
    })
    expect(weightsOf(voters)).toEqual([1000, 1000, 500, 500])
    expect(cappedFamilies).toEqual(['a', 'b'])
  })

  it('makes families equal where they are too few for the share', () => {
    const { voters, share } = capFamilies(panel(['a', 4000, 4000], ['b', 1000]), {
      numerator: 1,
      denominator: 3,
    })
    expect(weightsOf(voters)).toEqual([500, 500, 1000])
    expect(share).toEqual({ numerator: 1, denominator: 2 })
  })

  it('leaves a family that is alone as it is, and panels without weight', () => {
    const alone = panel(['a', 4000, 1], ['b', 0])
    expect(capFamilies(alone, { numerator: 1, denominator: 3 })).toMatchObject({
      voters: alone,
      cappedFamilies: [],
      share: { numerator: 1, denominator: 1 },
    })
    expect(capFamilies(panel(['a', 0], ['b', 0]), { numerator: 1, denominator: 2 }).cappedFamilies).toEqual(
      [],
    )
    expect(capFamilies([], { numerator: 1, denominator: 2 }).voters).toEqual([])
  })

  it('leaves no family more than the share that held, to a thousandth for each voter', () => {
    fc.assert(
      fc.property(PANELS, SHARES, (voters, share) => {
        const capped = capFamilies(voters, share)
        const sums = sumsOf(capped.voters)
        const total = [...sums.values()].reduce((sum, one) => sum + one, 0)
        for (const sum of sums.values()) {
          const { numerator, denominator } = capped.share
          expect(sum * denominator).toBeLessThanOrEqual(numerator * (total + voters.length))
        }
      }),
    )
  })

  it('never adds weight, cuts no lighter family than one it leaves, and treats equals alike', () => {
    fc.assert(
      fc.property(PANELS, SHARES, (voters, share) => {
        const capped = capFamilies(voters, share)
        const before = sumsOf(voters)
        const lightestCut = Math.min(...capped.cappedFamilies.map((one) => before.get(one) ?? 0))
        for (const [index, one] of capped.voters.entries()) {
          const was = voters[index]?.weightMilli ?? 0
          expect(one.weightMilli).toBeLessThanOrEqual(was)
          if (!capped.cappedFamilies.includes(one.modelFamily)) {
            expect(one.weightMilli).toBe(was)
            expect(before.get(one.modelFamily)).toBeLessThanOrEqual(lightestCut)
          }
          const twin = voters.findIndex(
            (other) => other.modelFamily === one.modelFamily && other.weightMilli === was,
          )
          expect(capped.voters[twin]?.weightMilli).toBe(one.weightMilli)
        }
      }),
    )
  })

  it('takes no more than the share demands: what is cut has its share, to rounding', () => {
    fc.assert(
      fc.property(PANELS, SHARES, (voters, share) => {
        const capped = capFamilies(voters, share)
        const sums = sumsOf(capped.voters)
        const total = [...sums.values()].reduce((sum, one) => sum + one, 0)
        for (const family of capped.cappedFamilies) {
          const { numerator, denominator } = capped.share
          const own = (sums.get(family) ?? 0) + voters.length
          expect(own * denominator).toBeGreaterThanOrEqual(numerator * total)
        }
      }),
    )
  })

  it('does not depend on the order of the voters', () => {
    fc.assert(
      fc.property(PANELS, SHARES, (voters, share) => {
        const turned = capFamilies([...voters].reverse(), share)
        expect([...turned.voters].reverse()).toEqual(capFamilies(voters, share).voters)
      }),
    )
  })

  it('is exact with the heaviest weights that there may be', () => {
    const voters = panel(['a', ...Array<number>(400).fill(1_000_000)], ['b', 999_999], ['c', 999_998])
    const { voters: cut } = capFamilies(voters, { numerator: 999, denominator: 1000 })
    expect(weightsOf(cut).slice(0, 1)).toEqual([1_000_000])
    const { voters: half } = capFamilies(voters, { numerator: 1, denominator: 2 })
    expect(weightsOf(half)[0]).toBe(Math.floor(1_999_997 / 400))
  })

  it.each([
    { numerator: 0, denominator: 2 },
    { numerator: 3, denominator: 2 },
    { numerator: 1, denominator: 1001 },
  ])('refuses the share %j', (share) => {
    expect(() => capFamilies(panel(['a', 1]), share)).toThrow(InvalidOptionError)
  })

  it('refuses a voter twice, and a weight that is no integer', () => {
    const [one] = panel(['a', 1])
    if (one === undefined) throw new Error('there is one')
    const share = { numerator: 1, denominator: 2 }
    expect(() => capFamilies([one, one], share)).toThrow(InvalidOptionError)
    expect(() => capFamilies([{ ...one, weightMilli: 0.5 }], share)).toThrow(InvalidOptionError)
  })
})
