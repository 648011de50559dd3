import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BudgetPeriod, type PeriodSettings, periodBounds, periodInForce } from './budget-period.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Zones with clock changes at, before and after midnight, of half an hour, and of a whole day. */
const TIME_ZONES = [
  'UTC',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Africa/Monrovia',
  'America/Asuncion',
  'America/Havana',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Atlantic/Azores',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Antarctica/Troll',
]

const bounds = (settings: PeriodSettings, at: string): readonly (string | undefined)[] => {
  const { startsAt, endsAt } = periodBounds(settings, new Date(at))
  return [startsAt.toISOString(), endsAt?.toISOString()]
}

describe('a day, checked by hand', () => {
  it.each([
    ['an ordinary day', 'Europe/Berlin', '2026-11-21T12:00Z', '2026-11-20T23:00', '2026-11-21T23:00'],
    ['23 hours in spring', 'Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00', '2026-03-29T22:00'],
    ['25 hours in autumn', 'Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00', '2026-10-25T23:00'],
    ['no midnight', 'America/Sao_Paulo', '2018-11-04T12:00Z', '2018-11-04T03:00', '2018-11-05T02:00'],
    ['its last hour twice', 'America/Sao_Paulo', '2019-02-17T02:30Z', '2019-02-16T02:00', '2019-02-17T03:00'],
    ['no midnight', 'Asia/Beirut', '2026-03-29T12:00Z', '2026-03-28T22:00', '2026-03-29T21:00'],
    [
      'the day before that',
      'Asia/Beirut',
      '2026-03-28T21:59:59.999Z',
      '2026-03-27T22:00',
      '2026-03-28T22:00',
    ],
    ['its last hour twice', 'Asia/Beirut', '2026-10-24T21:30Z', '2026-10-23T21:00', '2026-10-24T22:00'],
    ['no midnight', 'Africa/Cairo', '2026-04-24T12:00Z', '2026-04-23T22:00', '2026-04-24T21:00'],
    ['its last hour twice', 'Africa/Cairo', '2026-10-29T21:30Z', '2026-10-28T21:00', '2026-10-29T22:00'],
    [
      'midnight twice, the first counts',
      'America/Havana',
      '2026-11-01T04:30Z',
      '2026-11-01T04:00',
      '2026-11-02T05:00',
    ],
    [
      'the end of that day',
      'America/Havana',
      '2026-11-02T04:59:59.999Z',
      '2026-11-01T04:00',
      '2026-11-02T05:00',
    ],
    [
      'a wall that shows the day before again',
      'America/St_Johns',
      '2010-11-07T03:00Z',
      '2010-11-07T02:30',
      '2010-11-08T03:30',
    ],
    ['half an hour', 'Australia/Lord_Howe', '2026-04-05T00:00Z', '2026-04-04T13:00', '2026-04-05T13:30'],
    [
      'the day before one that never was',
      'Pacific/Apia',
      '2011-12-30T09:59Z',
      '2011-12-29T10:00',
      '2011-12-30T10:00',
    ],
    [
      'the day after one that never was',
      'Pacific/Apia',
      '2011-12-30T10:00Z',
      '2011-12-30T10:00',
      '2011-12-31T10:00',
    ],
    ['odd seconds', 'Africa/Monrovia', '1972-01-06T12:00Z', '1972-01-06T00:44:30', '1972-01-07T00:44:30'],
    [
      'three quarters of an hour',
      'Asia/Kathmandu',
      '2026-06-01T00:00Z',
      '2026-05-31T18:15',
      '2026-06-01T18:15',
    ],
  ])('%s in %s at %s', (_, timeZone, at, startsAt, endsAt) => {
    const expected = [startsAt, endsAt].map((one) => new Date(`${one}Z`).toISOString())
    expect(bounds({ kind: 'day', timeZone }, at)).toEqual(expected)
  })
})

describe('a week and a month, checked by hand', () => {
  it.each<[string, PeriodSettings, string, string, string]>([
    [
      'a Saturday',
      { kind: 'week', timeZone: 'UTC' },
      '2026-11-21T12:00',
      '2026-11-16T00:00',
      '2026-11-23T00:00',
    ],
    [
      'a Sunday',
      { kind: 'week', timeZone: 'UTC' },
      '2026-11-22T23:59',
      '2026-11-16T00:00',
      '2026-11-23T00:00',
    ],
    [
      'a Monday',
      { kind: 'week', timeZone: 'UTC' },
      '2026-11-23T00:00',
      '2026-11-23T00:00',
      '2026-11-30T00:00',
    ],
    [
      'a week over the turn of the year',
      { kind: 'week', timeZone: 'UTC' },
      '2027-01-01T00:00',
      '2026-12-28T00:00',
      '2027-01-04T00:00',
    ],
    [
      'a week of 167 hours',
      { kind: 'week', timeZone: 'America/New_York' },
      '2026-03-08T12:00',
      '2026-03-02T05:00',
      '2026-03-09T04:00',
    ],
    [
      'a leap February',
      { kind: 'month', timeZone: 'UTC' },
      '2028-02-29T12:00',
      '2028-02-01T00:00',
      '2028-03-01T00:00',
    ],
    [
      'a December',
      { kind: 'month', timeZone: 'UTC' },
      '2026-12-31T23:59',
      '2026-12-01T00:00',
      '2027-01-01T00:00',
    ],
    [
      'a month that began elsewhere',
      { kind: 'month', timeZone: 'Asia/Tokyo' },
      '2026-10-31T15:00',
      '2026-10-31T15:00',
      '2026-11-30T15:00',
    ],
    [
      'a month with a clock change',
      { kind: 'month', timeZone: 'Europe/Berlin' },
      '2026-03-15T12:00',
      '2026-02-28T23:00',
      '2026-03-31T22:00',
    ],
    [
      'a window',
      { kind: 'rolling', lengthMs: 5 * HOUR_MS },
      '2026-11-21T12:34',
      '2026-11-21T12:34',
      '2026-11-21T17:34',
    ],
  ])('%s', (_, settings, at, startsAt, endsAt) => {
    const expected = [startsAt, endsAt].map((one) => new Date(`${one}Z`).toISOString())
    expect(bounds(settings, `${at}Z`)).toEqual(expected)
  })

  it('a budget without a period has one that never ends', () => {
    expect(periodBounds({ kind: 'none' }, new Date('2026-11-21T12:00Z'))).toEqual({
      startsAt: new Date('1900-01-01'),
      endsAt: null,
    })
  })
})

const instant = fc.date({
  min: new Date('1970-01-02T00:00Z'),
  max: new Date('2060-01-01T00:00Z'),
  noInvalidDate: true,
})
const timeZone = fc.constantFrom(...TIME_ZONES)
const calendar = fc.record({
  kind: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
  timeZone,
})
const endOf = (period: BudgetPeriod): Date => period.endsAt ?? new Date(Number.NaN)

describe('for any instant in any zone', () => {
  it('it lies in its period, the end of which is no longer in it', () => {
    fc.assert(
      fc.property(calendar, instant, (settings, at) => {
        const period = periodBounds(settings, at)
        expect(period.startsAt <= at && at < endOf(period)).toBe(true)
        expect(periodBounds(settings, period.startsAt)).toEqual(period)
        expect(periodBounds(settings, new Date(endOf(period).getTime() - 1))).toEqual(period)
      }),
    )
  })

  it('the next period begins where this one ends', () => {
    fc.assert(
      fc.property(calendar, instant, (settings, at) => {
        const period = periodBounds(settings, at)
        expect(periodBounds(settings, endOf(period)).startsAt).toEqual(period.endsAt)
      }),
    )
  })

  it('a later instant is never in an earlier period', () => {
    fc.assert(
      fc.property(calendar, instant, fc.nat(3 * DAY_MS), (settings, at, later) => {
        const period = periodBounds(settings, at)
        expect(period.startsAt <= periodBounds(settings, new Date(at.getTime() + later)).startsAt).toBe(true)
      }),
    )
  })

  it('weeks and months are made of whole days', () => {
    fc.assert(
      fc.property(calendar, instant, (settings, at) => {
        const { startsAt } = periodBounds(settings, at)
        expect(periodBounds({ kind: 'day', timeZone: settings.timeZone }, startsAt).startsAt).toEqual(
          startsAt,
        )
      }),
    )
  })

  it('a window stays until it ends, and then the next use opens another', () => {
    const settings = { kind: 'rolling', lengthMs: HOUR_MS } as const
    fc.assert(
      fc.property(instant, fc.array(fc.integer({ min: -HOUR_MS, max: 3 * HOUR_MS })), (first, steps) => {
        let at = first
        let open = periodInForce(settings, undefined, at)
        for (const step of steps) {
          at = new Date(Math.max(0, at.getTime() + step))
          const next = periodInForce(settings, open, at)
          if (at < endOf(open)) expect(next).toBe(open)
          else expect(next).toEqual({ startsAt: at, endsAt: new Date(at.getTime() + HOUR_MS) })
          open = next
        }
      }),
    )
  })
})

describe('a day beside a calendar that is walked through', () => {
  /** The date on the wall as a number that grows, read by another way than the code under test uses. */
  const dateShown = (format: Intl.DateTimeFormat, atMs: number): number =>
    Number(format.format(atMs).replace(/(\d+)\/(\d+)\/(\d+)/, '$3$1$2'))

  it.each([
    ['America/Sao_Paulo', '2018-10-28'],
    ['America/Sao_Paulo', '2019-02-10'],
    ['Asia/Beirut', '2026-03-24'],
    ['Asia/Beirut', '2026-10-20'],
    ['Africa/Cairo', '2026-04-20'],
    ['Africa/Cairo', '2026-10-26'],
    ['America/Havana', '2026-03-04'],
    ['America/Havana', '2026-10-28'],
    ['America/St_Johns', '2010-11-03'],
    ['America/St_Johns', '2010-03-10'],
    ['Atlantic/Azores', '2026-10-21'],
    ['Africa/Casablanca', '2026-02-12'],
    ['Antarctica/Troll', '2026-03-25'],
    ['Pacific/Apia', '2011-12-26'],
    ['Asia/Tehran', '2022-03-18'],
    ['Asia/Gaza', '2026-03-24'],
    ['Pacific/Kwajalein', '1993-08-17'],
  ])('in %s from %s on: it begins with the first minute that shows its date or a later one', (zone, from) => {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    const startMs = new Date(from).getTime()
    let latest = 0
    let walkedStart = Number.NaN
    for (let atMs = startMs; atMs < startMs + 8 * DAY_MS; atMs += 60_000) {
      const shown = dateShown(format, atMs)
      if (shown > latest) {
        if (latest !== 0) walkedStart = atMs
        latest = shown
      }
      const isWorthAsking = atMs % (30 * 60_000) === 0 || atMs - walkedStart < 120_000
      if (Number.isNaN(walkedStart) || !isWorthAsking) continue
      const { startsAt } = periodBounds({ kind: 'day', timeZone: zone }, new Date(atMs))
      expect(startsAt.toISOString()).toBe(new Date(walkedStart).toISOString())
    }
  })
})

describe('what is no period', () => {
  it.each<[string, unknown]>([
    ['period', null],
    ['period.kind', { kind: 'year', timeZone: 'UTC' }],
    ['period.lengthMs', { kind: 'rolling' }],
    ['period.lengthMs', { kind: 'rolling', lengthMs: 999 }],
    ['period.lengthMs', { kind: 'rolling', lengthMs: 1e12 }],
    ['period.timeZone', { kind: 'day' }],
    ['period.timeZone', { kind: 'day', timeZone: 'Mars/Olympus' }],
    ['period.timeZone', { kind: 'day', timeZone: '' }],
    ['period.timeZone', { kind: 'month', timeZone: '+05:30' }],
    ['period.timeZone', { kind: 'week', timeZone: "UTC'; DROP TABLE budgets" }],
  ])('a bad %s is refused by name: %j', (option, settings) => {
    // As a caller without types would pass it.
    expect(() => periodBounds(settings as PeriodSettings, new Date())).toThrow(invalidOption(option))
  })

  it.each([new Date('1899-12-31'), new Date(Number.NaN), new Date('9999-06-01')])(
    'instant %s is refused',
    (at) => {
      expect(() => periodBounds({ kind: 'day', timeZone: 'UTC' }, at)).toThrow(
        invalidOption('at', 'a Date from 1900 to 9998'),
      )
    },
  )
})
