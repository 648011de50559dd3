import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { enumeratedPower } from '../../testing/enumerated-power.ts'
import type { ExactFraction } from './exact-fraction.ts'
import { PowerError } from './power-error.ts'
import { powerIndices, type VotingPower } from './power-indices.ts'
import type { WeightedGame } from './weighted-game.ts'

const written = ({ numerator, denominator }: ExactFraction): string => `${numerator}/${denominator}`
const shapleyShubik = (powers: readonly VotingPower[]): readonly string[] =>
  powers.map((one) => written(one.shapleyShubik))
const normalisedBanzhaf = (powers: readonly VotingPower[]): readonly string[] =>
  powers.map((one) => written(one.normalisedBanzhaf))
const rounded = (fractions: readonly ExactFraction[]): readonly number[] =>
  fractions.map(({ value }) => Number(value.toFixed(4)))

const GAMES: fc.Arbitrary<WeightedGame> = fc
  .array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 9 })
  .filter((weights) => weights.some((one) => one > 0))
  .chain((weights) =>
    fc.record({
      weights: fc.constant(weights),
      quota: fc.integer({ min: 1, max: weights.reduce((sum, one) => sum + one, 0) }),
      vetoers: fc.uniqueArray(fc.nat(weights.length - 1), { maxLength: 3 }),
    }),
  )

describe('published tables', () => {
  const COUNCIL_1958: WeightedGame = { weights: [4, 4, 4, 2, 2, 1], quota: 12 }

  it('gives the indices of the Council of the EEC of 1958, where Luxembourg had none', () => {
    const powers = powerIndices(COUNCIL_1958)
    expect(shapleyShubik(powers)).toEqual(['7/30', '7/30', '7/30', '3/20', '3/20', '0/1'])
    expect(normalisedBanzhaf(powers)).toEqual(['5/21', '5/21', '5/21', '1/7', '1/7', '0/1'])
    expect(powers.map((one) => one.swings)).toEqual([10n, 10n, 10n, 6n, 6n, 0n])
    expect(powers.map((one) => written(one.banzhaf))).toEqual(['5/16', '5/16', '5/16', '3/16', '3/16', '0/1'])
  })

  it('gives those of the Council of 1973, in which Luxembourg gained by enlargement', () => {
    const powers = powerIndices({ weights: [10, 10, 10, 10, 5, 5, 3, 3, 2], quota: 41 })
    const [large, , , , medium, , small, , least] = powers.map((one) => one.shapleyShubik.value.toFixed(3))
    expect([large, medium, small, least]).toEqual(['0.179', '0.081', '0.057', '0.010'])
    const [big, , , , middle, , little, , last] = powers.map((one) => one.normalisedBanzhaf.value.toFixed(3))
    expect([big, middle, little, last]).toEqual(['0.167', '0.091', '0.066', '0.016'])
  })

  it('gives those of the Council of fifteen', () => {
    const weights = [10, 10, 10, 10, 8, 5, 5, 5, 5, 4, 4, 3, 3, 3, 2]
    const powers = powerIndices({ weights, quota: 62 })
    const firsts = [0, 4, 5, 9, 11, 14].flatMap((voter) => powers[voter] ?? [])
    expect(rounded(firsts.map((one) => one.shapleyShubik))).toEqual([
      0.1167, 0.0955, 0.0552, 0.0454, 0.0353, 0.0207,
    ])
    expect(rounded(firsts.map((one) => one.normalisedBanzhaf))).toEqual([
      0.1116, 0.0924, 0.0587, 0.0479, 0.0359, 0.0226,
    ])
  })

  const PERMANENT = [0, 1, 2, 3, 4]
  it.each([
    ['as members with a veto', { weights: Array(15).fill(1), quota: 9, vetoers: PERMANENT }],
    ['as weights', { weights: [...Array(5).fill(7), ...Array(10).fill(1)], quota: 39 }],
  ])('gives those of the Security Council of the United Nations, %s', (_, game: WeightedGame) => {
    const powers = powerIndices(game)
    const each = (permanent: unknown, elected: unknown): readonly unknown[] => [
      ...Array(5).fill(permanent),
      ...Array(10).fill(elected),
    ]
    expect(shapleyShubik(powers)).toEqual(each('421/2145', '4/2145'))
    expect(powers.map((one) => one.swings)).toEqual(each(848n, 84n))
    expect(normalisedBanzhaf(powers)).toEqual(each('106/635', '21/1270'))
    expect(powers[0]?.normalisedBanzhaf.value).toBeCloseTo(0.1669, 4)
    expect(powers[14]?.shapleyShubik.value).toBeCloseTo(0.001865, 6)
  })

  it('gives those of the Board of Nassau County, three of whose six members could decide nothing', () => {
    const powers = powerIndices({ weights: [31, 31, 28, 21, 2, 2], quota: 58 })
    expect(normalisedBanzhaf(powers)).toEqual(['1/3', '1/3', '1/3', '0/1', '0/1', '0/1'])
    expect(shapleyShubik(powers)).toEqual(['1/3', '1/3', '1/3', '0/1', '0/1', '0/1'])
  })
})

describe('powerIndices', () => {
  it('is what enumerating all coalitions and all orders gives', () => {
    fc.assert(
      fc.property(GAMES, (game) => {
        const expected = enumeratedPower(game)
        const powers = powerIndices(game)
        expect(powers.map((one) => one.swings)).toEqual(expected.map((one) => one.swings))
        expect(shapleyShubik(powers)).toEqual(expected.map((one) => written(one.shapleyShubik)))
      }),
    )
  })

  it('gives shares that add up to one exactly', () => {
    fc.assert(
      fc.property(GAMES, (game) => {
        const powers = powerIndices(game)
        for (const index of ['shapleyShubik', 'normalisedBanzhaf'] as const) {
          const whole = powers.reduce((product, one) => product * one[index].denominator, 1n)
          const parts = powers.map((one) => (one[index].numerator * whole) / one[index].denominator)
          expect(parts.reduce((sum, one) => sum + one, 0n)).toBe(whole)
        }
      }),
    )
  })

  it('gives no less to who weighs more, the same to equals, and the same to each in any order', () => {
    fc.assert(
      fc.property(GAMES, (game) => {
        const powers = powerIndices({ ...game, vetoers: [] })
        for (const [one, weight] of game.weights.entries()) {
          for (const [other, otherWeight] of game.weights.entries()) {
            if (weight === otherWeight) expect(powers[one]).toEqual(powers[other])
            if (weight > otherWeight)
              expect((powers[one]?.swings ?? 0n) >= (powers[other]?.swings ?? 0n)).toBe(true)
          }
        }
        const reversed = powerIndices({ weights: [...game.weights].reverse(), quota: game.quota })
        expect([...reversed].reverse()).toEqual(powers)
      }),
    )
  })

  it('does not change with the unit of the weights', () => {
    fc.assert(
      fc.property(GAMES, fc.integer({ min: 2, max: 1000 }), (game, unit) => {
        const scaled = { ...game, weights: game.weights.map((one) => one * unit), quota: game.quota * unit }
        expect(powerIndices(scaled)).toEqual(powerIndices(game))
      }),
    )
  })

  it('gives everything to a dictator and to a lone voter', () => {
    expect(shapleyShubik(powerIndices({ weights: [3, 1, 1], quota: 3 }))).toEqual(['1/1', '0/1', '0/1'])
    expect(shapleyShubik(powerIndices({ weights: [7], quota: 1 }))).toEqual(['1/1'])
    expect(shapleyShubik(powerIndices({ weights: [0, 5], quota: 5, vetoers: [0, 1] }))).toEqual([
      '1/2',
      '1/2',
    ])
  })

  it('is exact for two hundred voters: equals have a two-hundredth each, to the last digit', () => {
    const powers = powerIndices({ weights: Array(200).fill(1000), quota: 133_334 })
    expect(new Set(shapleyShubik(powers))).toEqual(new Set(['1/200']))
    const choose = (n: bigint, k: bigint): bigint => (k === 0n ? 1n : (choose(n, k - 1n) * (n - k + 1n)) / k)
    expect(powers[0]?.swings).toBe(choose(199n, 133n))
    expect(powers[0]?.banzhaf.value).toBeGreaterThan(0)
  })

  it('refuses by a typed limit what is too fine to be exact', () => {
    const weights = Array.from({ length: 200 }, (_, voter) => 200_003 + 997 * voter)
    expect(() => powerIndices({ weights, quota: 30_000_000 })).toThrow(PowerError)
    expect(() => powerIndices({ weights, quota: 30_000_000 })).toThrow(
      expect.objectContaining({ code: 'POWER_GAME_TOO_LARGE' }),
    )
    expect(() => powerIndices({ weights: [999_999_937, 1, 1], quota: 500_000_000 })).toThrow(PowerError)
  })

  it.each([
    [{ weights: [], quota: 1 }, 'game.weights', '1 to 500 voters'],
    [{ weights: Array(501).fill(1), quota: 1 }, 'game.weights', '1 to 500 voters'],
    [{ weights: [1, 2], quota: 0 }, 'game.quota', 'an integer from 1 to 3'],
    [{ weights: [1, 2], quota: 4 }, 'game.quota', 'an integer from 1 to 3'],
    [{ weights: [1, 0.5], quota: 1 }, 'game.weights', 'an integer from 0 to 1000000000'],
    [{ weights: [1, -1], quota: 1 }, 'game.weights', 'an integer from 0 to 1000000000'],
    [{ weights: [1, 1], quota: 1, vetoers: [2] }, 'game.vetoers', 'an integer from 0 to 1'],
    [{ weights: [1, 1], quota: 1, vetoers: [0, 0] }, 'game.vetoers', 'each position once'],
  ])('refuses the game %j for its %s', (game, option, rule) => {
    expect(() => powerIndices(game)).toThrow(invalidOption(option, rule))
  })
})
