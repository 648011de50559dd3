import { InvalidOptionError, requireInteger, requireOneOf } from '@golden-arch/core/errors'
import { calendarDateAt, requireTimeZone, startOfDate } from './time-zone.ts'

/** A budget that never resets. */
export interface EndlessPeriod {
  readonly kind: 'none'
}

/**
 * A window of fixed length that opens with the first use after the last one has ended, so nobody waits longer than
 * `lengthMs` from that use on. It is not a sum over the last `lengthMs` at every instant.
 */
export interface RollingPeriod {
  readonly kind: 'rolling'
  /** 1000 (1 second) to 316224000000 (3660 days). */
  readonly lengthMs: number
}

/** A day, a week that begins on Monday, or a month, as people in a time zone count them. */
export interface CalendarPeriod {
  readonly kind: 'day' | 'week' | 'month'
  /** A name of the IANA database, such as `Europe/Berlin` or `UTC`. */
  readonly timeZone: string
}

/** When a budget starts again from nothing. */
export type PeriodSettings = EndlessPeriod | RollingPeriod | CalendarPeriod

/** A stretch of time in which a budget counts: from `startsAt` on, `endsAt` no longer in it. */
export interface BudgetPeriod {
  readonly startsAt: Date
  /** Null: it does not end. */
  readonly endsAt: Date | null
}

const KINDS = ['none', 'rolling', 'day', 'week', 'month'] as const
const MIN_LENGTH_MS = 1000
const MAX_LENGTH_MS = 316_224_000_000
const FIRST_INSTANT_MS = Date.UTC(1900, 0, 1)
const LAST_INSTANT_MS = Date.UTC(9999, 0, 1)

/**
 * Returns the settings of a period with nothing but their own fields, each checked.
 * @throws InvalidOptionError `INVALID_OPTION` naming the field: `period`, `period.kind`, `period.lengthMs` or
 * `period.timeZone`.
 */
export function requirePeriodSettings(settings: PeriodSettings): PeriodSettings {
  if (typeof settings !== 'object' || settings === null) {
    throw new InvalidOptionError('period', 'an object with a kind', settings)
  }
  requireOneOf('period.kind', settings.kind, KINDS)
  if (settings.kind === 'none') return { kind: 'none' }
  if (settings.kind === 'rolling') {
    const bounds = { min: MIN_LENGTH_MS, max: MAX_LENGTH_MS }
    return { kind: 'rolling', lengthMs: requireInteger('period.lengthMs', settings.lengthMs, bounds) }
  }
  return { kind: settings.kind, timeZone: requireTimeZone('period.timeZone', settings.timeZone) }
}

/**
 * The period that a budget without an open one is in at `at`: for `none` all time from 1900 on, for `rolling` the
 * window that opens at `at`, else the day, week or month around `at`. A day begins with the first instant of its
 * date, also where clocks skip midnight or show it twice; days follow one another without gap or overlap.
 * @throws InvalidOptionError `INVALID_OPTION` on bad settings, or an instant before 1900 or from 9999 on.
 */
export function periodBounds(settings: PeriodSettings, at: Date): BudgetPeriod {
  const checked = requirePeriodSettings(settings)
  const atMs = requireInstant(at)
  if (checked.kind === 'none') return { startsAt: new Date(FIRST_INSTANT_MS), endsAt: null }
  if (checked.kind === 'rolling') {
    return { startsAt: new Date(atMs), endsAt: new Date(atMs + checked.lengthMs) }
  }
  return calendarPeriod(checked, atMs)
}

/**
 * The period in force at `at`, given the one that was open: that one until it ends, then what {@link periodBounds}
 * says. A clock that goes back reopens nothing.
 * @throws InvalidOptionError `INVALID_OPTION` as {@link periodBounds}.
 */
export function periodInForce(
  settings: PeriodSettings,
  open: BudgetPeriod | undefined,
  at: Date,
): BudgetPeriod {
  if (open !== undefined && (open.endsAt === null || at.getTime() < open.endsAt.getTime())) return open
  return periodBounds(settings, at)
}

function calendarPeriod({ kind, timeZone }: CalendarPeriod, atMs: number): BudgetPeriod {
  const { year, month, day } = calendarDateAt(timeZone, atMs)
  const isoWeekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7
  const firstDay = kind === 'month' ? 1 : kind === 'week' ? day - isoWeekday : day
  const startOf = (periodsLater: number): number =>
    kind === 'month'
      ? startOfDate(timeZone, { year, month: month + periodsLater, day: firstDay })
      : startOfDate(timeZone, { year, month, day: firstDay + periodsLater * (kind === 'week' ? 7 : 1) })
  let startsAtMs = startOf(0)
  // More than one turn only where clocks went back over midnight: the wall shows a date that is over already.
  for (let periodsLater = 1; ; periodsLater++) {
    const endsAtMs = startOf(periodsLater)
    if (atMs < endsAtMs) return { startsAt: new Date(startsAtMs), endsAt: new Date(endsAtMs) }
    startsAtMs = endsAtMs
  }
}

function requireInstant(at: Date): number {
  const atMs = at instanceof Date ? at.getTime() : Number.NaN
  if (atMs >= FIRST_INSTANT_MS && atMs < LAST_INSTANT_MS) return atMs
  throw new InvalidOptionError('at', 'a Date from 1900 to 9998', at)
}
