import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanDifferenceInterval } from './mean-difference.ts'
import { normalQuantile } from './normal-quantile.ts'
import { shareDifferenceInterval } from './share-difference.ts'
import { studentQuantile } from './student-quantile.ts'
import { wilsonInterval } from './wilson-interval.ts'

const Z95 = normalQuantile(0.975)
const share = fc
  .integer({ min: 1, max: 5000 })
  .chain((samples) => fc.record({ samples: fc.constant(samples), successes: fc.nat(samples) }))

describe('quantiles', () => {
  it.each([
    [0.5, 0],
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489004],
    [0.9999, 3.719016485455709],
    [0.00001, -4.264890793922825],
  ])('of the normal distribution are those of the tables: %d', (probability, quantile) => {
    expect(normalQuantile(probability)).toBeCloseTo(quantile, 12)
  })

  it.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 5, 2.571],
    [0.95, 10, 1.812],
    [0.995, 30, 2.75],
    [0.975, 120, 1.98],
    [0.975, 100_000, 1.96],
    [0.9995, 3, 12.924],
  ])('of Student are those of the tables: %d with %d degrees', (probability, degrees, quantile) => {
    expect(studentQuantile(probability, degrees)).toBeCloseTo(quantile, 3)
  })

  it('of Student have a closed form for one and two degrees, and the normal ones as their limit', () => {
    const probability = fc.double({ min: 0.5, max: 0.99999, noNaN: true })
    fc.assert(
      fc.property(probability, (p) => {
        const one = Math.tan(Math.PI * (p - 0.5))
        const two = (2 * p - 1) * Math.sqrt(2 / (4 * p * (1 - p)))
        expect(Math.abs(studentQuantile(p, 1) - one)).toBeLessThanOrEqual(1e-9 * (1 + one))
        expect(Math.abs(studentQuantile(p, 2) - two)).toBeLessThanOrEqual(1e-9 * (1 + two))
        expect(studentQuantile(p, 5e6)).toBeCloseTo(normalQuantile(p), 5)
      }),
    )
  })
})

describe('the interval of a share', () => {
  it('holds the share, stays within 0 and 1, and is the mirror of the interval of what did not hold', () => {
    fc.assert(
      fc.property(share, fc.double({ min: 0.5, max: 4, noNaN: true }), (count, z) => {
        const { lower, upper } = wilsonInterval(count, z)
        const held = count.successes / count.samples
        expect(lower).toBeGreaterThanOrEqual(0)
        expect(lower).toBeLessThanOrEqual(held)
        expect(upper).toBeGreaterThanOrEqual(held)
        expect(upper).toBeLessThanOrEqual(1)
        const mirror = wilsonInterval({ ...count, successes: count.samples - count.successes }, z)
        expect(mirror.lower).toBeCloseTo(1 - upper, 12)
      }),
    )
  })
})

describe('the interval of a difference of shares', () => {
  // Newcombe 1998, table II, method 10, 95 %.
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ])('is the published one: %d/%d - %d/%d', (successesA, samplesA, successesB, samplesB, lower, upper) => {
    const interval = shareDifferenceInterval(
      { samples: samplesA, successes: successesA },
      { samples: samplesB, successes: successesB },
      Z95,
    )
    expect(interval.lower).toBeCloseTo(lower, 4)
    expect(interval.upper).toBeCloseTo(upper, 4)
  })

  it('holds the difference, stays within -1 and 1, and turns its sign with the order', () => {
    fc.assert(
      fc.property(share, share, (a, b) => {
        const { lower, upper } = shareDifferenceInterval(a, b, Z95)
        const difference = a.successes / a.samples - b.successes / b.samples
        expect(lower).toBeLessThanOrEqual(difference)
        expect(upper).toBeGreaterThanOrEqual(difference)
        expect(lower).toBeGreaterThanOrEqual(-1 - 1e-12)
        expect(upper).toBeLessThanOrEqual(1 + 1e-12)
        const turned = shareDifferenceInterval(b, a, Z95)
        expect(turned.lower).toBeCloseTo(-upper, 12)
        expect(turned.upper).toBeCloseTo(-lower, 12)
      }),
    )
  })
})

describe('the interval of a difference of means', () => {
  // "Student" 1908, hours of extra sleep under two drugs: Welch's interval as textbooks and R's t.test give it.
  it('is the published one', () => {
    const first = { samples: 10, mean: 0.75, standardDeviation: 1.7890096577591628 }
    const second = { samples: 10, mean: 2.33, standardDeviation: 2.0022487617582154 }
    const { lower, upper } = meanDifferenceInterval(first, second, 0.95)
    expect(lower).toBeCloseTo(-3.3654832, 6)
    expect(upper).toBeCloseTo(0.2054832, 6)
  })

  it('is the difference itself where nothing varies', () => {
    const sure = { samples: 5, standardDeviation: 0 }
    expect(meanDifferenceInterval({ ...sure, mean: 2 }, { ...sure, mean: 0.5 }, 0.99)).toEqual({
      lower: 1.5,
      upper: 1.5,
    })
  })
})
