import { InvalidOptionError } from '@golden-arch/core/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Correlation,
  discountCorrelated,
  effectiveVotesMilli,
  sameModelCorrelations,
} from './correlation.ts'
import type { WeighedVoter } from './weighed-voter.ts'

const voters = (...weights: readonly number[]): readonly WeighedVoter[] =>
  weights.map((weightMilli, index) => ({
    agentId: `v${index}`,
    model: `m${index}`,
    modelFamily: `f${index}`,
    weightMilli,
  }))
const pairs = (count: number, rhoOf: (one: number, other: number) => number): readonly Correlation[] =>
  Array.from({ length: count }, (_, one) =>
    Array.from({ length: count - one - 1 }, (__, index): Correlation => {
      const other = one + index + 1
      return { agentIds: [`v${one}`, `v${other}`], rhoMilli: rhoOf(one, other) }
    }),
  ).flat()
const weightsOf = (some: readonly WeighedVoter[]): readonly number[] => some.map((one) => one.weightMilli)

const PANELS = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 9 }).chain((weights) =>
  fc.tuple(
    fc.constant(voters(...weights)),
    fc
      .array(fc.integer({ min: 0, max: 1000 }), { minLength: 81, maxLength: 81 })
      .map((rhos) => pairs(weights.length, (one, other) => rhos[one * 9 + other] ?? 0)),
  ),
)

describe('effectiveVotesMilli', () => {
  it('counts independent voters of equal weight as they are', () => {
    expect(effectiveVotesMilli(voters(900, 900, 900), [])).toBe(3000)
  })

  it('counts nine copies as one', () => {
    expect(
      effectiveVotesMilli(
        voters(...Array<number>(9).fill(700)),
        pairs(9, () => 1000),
      ),
    ).toBe(1000)
  })

  it('counts nine judges that err together as about two: n / (1 + (n - 1) rho)', () => {
    expect(
      effectiveVotesMilli(
        voters(...Array<number>(9).fill(1000)),
        pairs(9, () => 438),
      ),
    ).toBe(1998)
  })

  it('counts fewer where one weighs most', () => {
    expect(effectiveVotesMilli(voters(1000, 1000, 8000), [])).toBe(Math.floor((1000 * 100) / 66))
  })

  it('counts nothing where nobody has weight', () => {
    expect(effectiveVotesMilli(voters(0, 0), [])).toBe(0)
    expect(effectiveVotesMilli([], [])).toBe(0)
  })

  it('is from one to the number of voters, and falls as they err more together', () => {
    fc.assert(
      fc.property(PANELS, ([panel, correlations]) => {
        const effective = effectiveVotesMilli(panel, correlations)
        const counted = panel.filter((one) => one.weightMilli > 0).length
        if (counted > 0) expect(effective).toBeGreaterThanOrEqual(1000)
        expect(effective).toBeLessThanOrEqual(counted * 1000)
        const closer = correlations.map((one) => ({ ...one, rhoMilli: Math.min(1000, one.rhoMilli + 100) }))
        expect(effectiveVotesMilli(panel, closer)).toBeLessThanOrEqual(effective)
      }),
    )
  })
})

describe('discountCorrelated', () => {
  it('gives three copies a third each, and who is independent all they had', () => {
    const copies = pairs(3, () => 1000)
    expect(weightsOf(discountCorrelated(voters(900, 900, 900, 500), copies))).toEqual([300, 300, 300, 500])
  })

  it('gives equal voters together what they are worth together', () => {
    const panel = voters(...Array<number>(9).fill(1000))
    const discounted = discountCorrelated(
      panel,
      pairs(9, () => 500),
    )
    expect(weightsOf(discounted)).toEqual(Array(9).fill(200))
    expect(
      effectiveVotesMilli(
        panel,
        pairs(9, () => 500),
      ),
    ).toBe(1800)
  })

  it('counts nobody who has no weight', () => {
    expect(
      weightsOf(
        discountCorrelated(
          voters(900, 0),
          pairs(2, () => 1000),
        ),
      ),
    ).toEqual([900, 0])
  })

  it('never adds weight, and does not depend on the order of voters or pairs', () => {
    fc.assert(
      fc.property(PANELS, ([panel, correlations]) => {
        const discounted = discountCorrelated(panel, correlations)
        for (const [index, one] of discounted.entries()) {
          expect(one.weightMilli).toBeLessThanOrEqual(panel[index]?.weightMilli ?? 0)
        }
        const turned = correlations.map(
          ({ agentIds: [one, other], rhoMilli }): Correlation => ({
            agentIds: [other, one],
            rhoMilli,
          }),
        )
        const reversed = discountCorrelated([...panel].reverse(), turned.reverse())
        expect([...reversed].reverse()).toEqual(discounted)
      }),
    )
  })

  it('takes voters of one model as one for want of better', () => {
    const panel = voters(900, 900, 900).map((one, index) => ({
      ...one,
      model: index === 2 ? 'other' : 'same',
    }))
    expect(sameModelCorrelations(panel)).toEqual([{ agentIds: ['v0', 'v1'], rhoMilli: 1000 }])
    expect(effectiveVotesMilli(panel, sameModelCorrelations(panel))).toBe(1800)
  })

  it.each([
    [
      'twice',
      [
        { agentIds: ['a', 'b'], rhoMilli: 1 },
        { agentIds: ['b', 'a'], rhoMilli: 1 },
      ],
    ],
    ['of one agent', [{ agentIds: ['a', 'a'], rhoMilli: 1 }]],
    ['above one', [{ agentIds: ['a', 'b'], rhoMilli: 1001 }]],
    ['below zero', [{ agentIds: ['a', 'b'], rhoMilli: -1 }]],
  ] as const)('refuses a pair %s', (_, correlations) => {
    expect(() => discountCorrelated(voters(1), correlations)).toThrow(InvalidOptionError)
  })
})
