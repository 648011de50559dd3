import { InvalidOptionError } from '@golden-arch/core/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { panelAccuracy } from '../../testing/panel-accuracy.ts'
import { logOdds, weightOfTrackRecord } from './track-record.ts'

const RECORDS = fc
  .integer({ min: 0, max: 500 })
  .chain((total) => fc.record({ right: fc.integer({ min: 0, max: total }), total: fc.constant(total) }))
const THOUSANDTHS = { stepMilli: 1 }

describe('weightOfTrackRecord', () => {
  it.each([
    ['nobody knows anything of', { right: 0, total: 0 }, 201],
    ['was right in 8 of 10', { right: 8, total: 10 }, 916],
    ['was right in 98 of 100, within what is believed', { right: 98, total: 100 }, 2944],
    ['was right in 51 of 100, which counts as 0.55', { right: 51, total: 100 }, 201],
    ['was right in half', { right: 5, total: 10 }, 201],
    ['was more often wrong than right', { right: 4, total: 10 }, 0],
    ['was never right', { right: 0, total: 1000 }, 0],
  ])('of an agent that %s is the log-odds', (_, record, weight) => {
    expect(weightOfTrackRecord(record, THOUSANDTHS)).toBe(weight)
  })

  it('is in tenths of a vote unless told', () => {
    expect(weightOfTrackRecord({ right: 8, total: 10 })).toBe(900)
    expect(weightOfTrackRecord({ right: 0, total: 0 })).toBe(200)
  })

  it('is 0 or from the least to the greatest log-odds, in whole steps', () => {
    fc.assert(
      fc.property(RECORDS, fc.integer({ min: 1, max: 200 }), (record, stepMilli) => {
        const weight = weightOfTrackRecord(record, { stepMilli })
        expect(weight % stepMilli).toBe(0)
        expect(weight === 0 || (weight >= 201 - stepMilli && weight <= 2944 + stepMilli)).toBe(true)
      }),
    )
  })

  it('never falls as more votes turn out right', () => {
    fc.assert(
      fc.property(RECORDS, ({ right, total }) => {
        const next = weightOfTrackRecord({ right: right + 1, total: total + 1 }, THOUSANDTHS)
        expect(next).toBeGreaterThanOrEqual(weightOfTrackRecord({ right, total }, THOUSANDTHS))
      }),
    )
  })

  it('takes a right vote that is only likely', () => {
    expect(weightOfTrackRecord({ right: 7.5, total: 10 }, THOUSANDTHS)).toBe(
      Math.round(1000 * logOdds(9.5 / 14)),
    )
  })

  it.each([
    [{ right: 2, total: 1 }, {}],
    [{ right: -1, total: 1 }, {}],
    [{ right: Number.NaN, total: 1 }, {}],
    [{ right: 1, total: 1 }, { priorRight: 0 }],
    [{ right: 1, total: 1 }, { minAccuracy: 0.4 }],
    [{ right: 1, total: 1 }, { maxAccuracy: 1 }],
    [
      { right: 1, total: 1 },
      { minAccuracy: 0.9, maxAccuracy: 0.8 },
    ],
    [{ right: 1, total: 1 }, { stepMilli: 0 }],
  ])('refuses %j with %j', (record, options) => {
    expect(() => weightOfTrackRecord(record, options)).toThrow(InvalidOptionError)
  })
})

describe('the rule of log-odds', () => {
  const ACCURACIES = fc.array(fc.double({ min: 0.55, max: 0.95, noNaN: true }), {
    minLength: 1,
    maxLength: 9,
  })
  const WEIGHTS = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 9, maxLength: 9 })

  it('is right at least as often as any other weights tried, over all patterns of up to nine voters', () => {
    fc.assert(
      fc.property(ACCURACIES, fc.array(WEIGHTS, { minLength: 5, maxLength: 5 }), (accuracies, tried) => {
        const best = panelAccuracy(accuracies, accuracies.map(logOdds))
        const others = [
          ...tried,
          accuracies.map(() => 1),
          accuracies,
          accuracies.map((one) => one - 0.5),
          accuracies.map((one) => one ** 2),
          ...accuracies.map((_, dictator) => accuracies.map((__, voter) => (voter === dictator ? 1 : 0))),
        ]
        for (const weights of others) {
          expect(best).toBeGreaterThanOrEqual(panelAccuracy(accuracies, weights) - 1e-12)
        }
      }),
    )
  })

  it.each([
    ['thousandths', 1],
    ['tenths of a vote', 100],
  ])('loses no more than rounding to %s can', (_, stepMilli) => {
    fc.assert(
      fc.property(ACCURACIES, (accuracies) => {
        const best = panelAccuracy(accuracies, accuracies.map(logOdds))
        const weights = accuracies.map((one) => Math.round((logOdds(one) * 1000) / stepMilli) * stepMilli)
        // A pattern is decided otherwise only where its log-odds are within the rounding of n weights.
        const bound = (accuracies.length * stepMilli) / 4000
        expect(panelAccuracy(accuracies, weights)).toBeGreaterThanOrEqual(best - bound - 1e-12)
      }),
    )
  })
})
