import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactFraction } from './exact-fraction.ts'

describe('exactFraction', () => {
  it('keeps the ratio, in lowest terms', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        fc.bigInt({ min: 1n, max: 10n ** 30n }),
        (a, b) => {
          const { numerator, denominator } = exactFraction(a, b)
          expect(numerator * b).toBe(denominator * a)
          expect(exactFraction(numerator, denominator)).toMatchObject({ numerator, denominator })
        },
      ),
    )
    expect(exactFraction(84n, 5080n)).toMatchObject({ numerator: 21n, denominator: 1270n })
  })

  it('shows a double as close as the two integers themselves would give', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 2 ** 31 }), (a, b) => {
        const { value } = exactFraction(BigInt(a), BigInt(b))
        expect(Math.abs(value - a / b)).toBeLessThanOrEqual((a / b) * 2 ** -51)
      }),
    )
  })

  it('shows what no double could hold as two numbers', () => {
    expect(exactFraction(3n * 10n ** 400n, 4n * 10n ** 400n).value).toBe(0.75)
    expect(exactFraction(1n, 2n ** 499n).value).toBe(2 ** -499)
    expect(exactFraction(0n, 7n)).toEqual({ numerator: 0n, denominator: 1n, value: 0 })
  })
})
