import { InvalidOptionError } from '@golden-arch/core/errors'

/** A day of the calendar, without a time zone. */
export interface CalendarDate {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31; beyond the month's last day it runs on into the next month. */
  readonly day: number
}

/** A formatter takes some kilobytes, and there are about 600 zones: enough for all that are in use at once. */
const MAX_FORMATTERS = 128
/** Every zone is less than this away from UTC, so a date starts within this of its midnight in UTC. */
const DAY_MS = 86_400_000
/** No zone has changed its offset twice within less than this. */
const PROBE_MS = 10_800_000

const formatters = new Map<string, Intl.DateTimeFormat>()

/**
 * Returns `value` if it names a time zone of the IANA database, such as `Europe/Berlin`. Fixed offsets are refused:
 * their sign is read differently by different systems.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireTimeZone(option: string, value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(value) && isKnown(value))
    return value
  throw new InvalidOptionError(option, 'a time zone of the IANA database, such as Europe/Berlin', value)
}

/** The date that a calendar on the wall shows at an instant. */
export function calendarDateAt(timeZone: string, atMs: number): CalendarDate {
  const wall = new Date(atMs + offsetAt(timeZone, atMs))
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() }
}

/**
 * The first instant, in milliseconds since 1970, at which a calendar on the wall shows `date` or a later one: its
 * midnight; the end of the gap where clocks skip midnight, or the whole day; the first of two midnights.
 */
export function startOfDate(timeZone: string, date: CalendarDate): number {
  const midnight = Date.UTC(date.year, date.month - 1, date.day)
  let from = midnight - DAY_MS
  let offset = offsetAt(timeZone, from)
  for (;;) {
    const until = from + PROBE_MS
    const nextOffset = offsetAt(timeZone, until)
    const change = nextOffset === offset ? until : firstInstantWith(timeZone, nextOffset, from, until)
    const reached = Math.max(from, midnight - offset)
    if (reached < change) return reached
    from = change
    offset = nextOffset
  }
}

/** What to add to UTC for the time on the wall, in milliseconds; some old ones have odd seconds. */
function offsetAt(timeZone: string, atMs: number): number {
  const second = Math.floor(atMs / 1000) * 1000
  const part: Record<string, number> = {}
  for (const { type, value } of formatterFor(timeZone).formatToParts(second)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, seconds) - second
}

/** Offsets change at whole seconds, and `before` and `notLater` are such. */
function firstInstantWith(timeZone: string, offset: number, before: number, notLater: number): number {
  let low = before / 1000
  let high = notLater / 1000
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(timeZone, middle * 1000) === offset) high = middle
    else low = middle
  }
  return high * 1000
}

function isKnown(timeZone: string): boolean {
  try {
    formatterFor(timeZone)
    return true
  } catch {
    return false
  }
}

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known !== undefined) return known
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const [oldest] = formatters.keys()
  if (formatters.size >= MAX_FORMATTERS && oldest !== undefined) formatters.delete(oldest)
  formatters.set(timeZone, formatter)
  return formatter
}
