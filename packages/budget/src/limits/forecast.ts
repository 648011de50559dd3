import type { Amount } from './soft-limit.ts'

/** What a forecast is made from. Amounts are tokens or micro-units, `limit` and all the others alike. */
export interface BurnFacts {
  readonly now: Date
  /** When counting began. */
  readonly periodStart: Date
  /** When it starts again from nothing. Null or absent: never. */
  readonly periodEnd?: Date | null
  /** Used since `periodStart`. */
  readonly used: Amount
  /** Null: unlimited. */
  readonly limit: Amount | null
  /** What was used of late, for the present rate. Absent or null: the whole period gives the rate. */
  readonly recent?: RecentUse | null
}

/** Usage since an instant. Where that lies before the period began, the whole period is recent enough. */
export interface RecentUse {
  readonly since: Date
  readonly used: Amount
}

/** When a budget runs out if usage goes on as it did. */
export interface Forecast {
  /**
   * Never before `now`; `now` where nothing is left. Null: there is no limit, nothing was used that a rate could be
   * taken from, or the period ends first or at the same instant.
   */
  readonly exhaustsAt: Date | null
  /** Tokens or micro-units per hour, rounded down to thousandths; 0 where nothing was used. */
  readonly ratePerHour: number
  /** What the rate was taken from: recent usage where it is given and began within the period, else the period. */
  readonly basis: 'recent' | 'period'
}

const HOUR_MS = 3_600_000n
const LAST_DATE_MS = 8_640_000_000_000_000n

/** When the budget runs out at its present rate. Exact: the instant is not computed from a rounded rate. */
export function forecastExhaustion(facts: BurnFacts): Forecast {
  const burn = recentBurn(facts) ?? {
    basis: 'period' as const,
    burnt: atLeastZero(BigInt(facts.used)),
    elapsedMs: atLeastZero(BigInt(facts.now.getTime() - facts.periodStart.getTime())),
  }
  const { burnt, elapsedMs, basis } = burn
  const perThousandHours = elapsedMs === 0n ? 0n : (burnt * HOUR_MS * 1000n) / elapsedMs
  return { exhaustsAt: exhaustion(facts, burn), ratePerHour: Number(perThousandHours) / 1000, basis }
}

interface Burn {
  readonly basis: Forecast['basis']
  readonly burnt: bigint
  readonly elapsedMs: bigint
}

function recentBurn({ now, periodStart, recent }: BurnFacts): Burn | undefined {
  if (recent === undefined || recent === null || recent.since < periodStart || recent.since >= now)
    return undefined
  return {
    basis: 'recent',
    burnt: atLeastZero(BigInt(recent.used)),
    elapsedMs: BigInt(now.getTime() - recent.since.getTime()),
  }
}

function exhaustion(facts: BurnFacts, { burnt, elapsedMs }: Burn): Date | null {
  if (facts.limit === null) return null
  const nowMs = BigInt(facts.now.getTime())
  const left = atLeastZero(BigInt(facts.limit) - BigInt(facts.used))
  if (left > 0n && (burnt === 0n || elapsedMs === 0n)) return null
  const atMs = left === 0n ? nowMs : nowMs + (left * elapsedMs + burnt - 1n) / burnt
  const endMs = facts.periodEnd == null ? LAST_DATE_MS + 1n : BigInt(facts.periodEnd.getTime())
  return atMs < endMs ? new Date(Number(atMs)) : null
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value
}
