import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BurnFacts, forecastExhaustion } from './forecast.ts'

const at = (time: string): Date => new Date(`2026-11-21T${time}Z`)
const facts: BurnFacts = { now: at('06:00'), periodStart: at('00:00'), used: 600, limit: 1000 }

describe('a forecast, checked by hand', () => {
  it.each<[string, Partial<BurnFacts>, Date | null, number]>([
    ['600 in 6 hours leave 4 hours for 400', {}, at('10:00'), 100],
    ['the same before the period ends', { periodEnd: at('10:00:00.001') }, at('10:00'), 100],
    ['not before the period ends', { periodEnd: at('10:00') }, null, 100],
    ['it does not end', { periodEnd: null }, at('10:00'), 100],
    [
      'a recent burst of 200 in half an hour',
      { recent: { since: at('05:30'), used: 200 } },
      at('07:00'),
      400,
    ],
    ['quiet of late', { recent: { since: at('05:00'), used: 0 } }, null, 0],
    [
      'recent usage reaches back before the period',
      { recent: { since: at('00:00'), used: 600 } },
      at('10:00'),
      100,
    ],
    ['nothing used', { used: 0 }, null, 0],
    ['no limit', { limit: null }, null, 100],
    ['nothing left', { used: 1000 }, at('06:00'), 166.666],
    ['overdrawn', { used: 1500n }, at('06:00'), 250],
    [
      'overdrawn, with quiet of late',
      { used: 1500, recent: { since: at('05:00'), used: 0 } },
      at('06:00'),
      0,
    ],
    ['a limit of nothing', { used: 0, limit: 0 }, at('06:00'), 0],
    ['a period that begins now', { periodStart: at('06:00') }, null, 0],
    ['a clock that went back', { periodStart: at('07:00') }, null, 0],
    [
      'a third of a millisecond is rounded up',
      { used: 3n, limit: 4n, periodStart: at('05:59:59.999') },
      at('06:00:00.001'),
      1.08e7,
    ],
    ['money beyond what a double holds', { used: 2n ** 61n, limit: 2n ** 62n }, at('12:00'), 2 ** 61 / 6],
    ['far beyond the last date', { used: 1n, limit: 2n ** 62n }, null, 0.166],
  ])('%s', (_, change, exhaustsAt, ratePerHour) => {
    expect(forecastExhaustion({ ...facts, ...change })).toMatchObject({ exhaustsAt, ratePerHour })
  })

  it('recent usage that began before the period did gives way to the period', () => {
    const recent = { since: new Date('2026-11-20T23:00Z'), used: 9000 }
    expect(forecastExhaustion({ ...facts, recent })).toEqual({
      exhaustsAt: at('10:00'),
      ratePerHour: 100,
      basis: 'period',
    })
  })
})

const amount = fc.bigInt({ min: 0n, max: 2n ** 62n })
const hours = fc.integer({ min: 0, max: 10_000_000 })
const anyFacts: fc.Arbitrary<BurnFacts> = fc
  .record({
    elapsed: hours,
    ahead: fc.option(hours),
    used: amount,
    limit: fc.option(amount),
    recent: fc.option(fc.tuple(hours, amount)),
  })
  .map(({ elapsed, ahead, used, limit, recent }) => {
    const nowMs = facts.now.getTime()
    return {
      now: facts.now,
      periodStart: new Date(nowMs - elapsed),
      periodEnd: ahead === null ? null : new Date(nowMs + ahead),
      used,
      limit,
      recent: recent === null ? null : { since: new Date(nowMs - recent[0]), used: recent[1] },
    }
  })

describe('for any budget', () => {
  it('a forecast lies between now and the end of the period, at a rate of at least zero', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const { exhaustsAt, ratePerHour } = forecastExhaustion(given)
        expect(ratePerHour).toBeGreaterThanOrEqual(0)
        if (exhaustsAt === null) return
        expect(exhaustsAt >= given.now).toBe(true)
        if (given.periodEnd != null) expect(exhaustsAt < given.periodEnd).toBe(true)
      }),
    )
  })

  it('going on at the rate uses up the rest by the instant that was told, and not a millisecond before', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const { exhaustsAt } = forecastExhaustion({ ...given, recent: null })
        if (exhaustsAt === null || exhaustsAt <= given.now || given.limit === null) return
        const left = BigInt(given.limit) - BigInt(given.used)
        const elapsed = BigInt(given.now.getTime() - given.periodStart.getTime())
        const wait = BigInt(exhaustsAt.getTime() - given.now.getTime())
        const usedBy = (ms: bigint): bigint => BigInt(given.used) * ms
        expect(usedBy(wait) >= left * elapsed && usedBy(wait - 1n) < left * elapsed).toBe(true)
      }),
    )
  })

  it('more used never makes it last longer', () => {
    fc.assert(
      fc.property(anyFacts, amount, (given, more) => {
        const sooner = forecastExhaustion({
          ...given,
          recent: null,
          used: BigInt(given.used) + more,
        }).exhaustsAt
        const later = forecastExhaustion({ ...given, recent: null }).exhaustsAt
        if (later !== null) expect(sooner !== null && sooner <= later).toBe(true)
      }),
    )
  })
})
