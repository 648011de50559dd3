import { type BudgetLevel, type BudgetScope, levelOf } from './budget-scope.ts'
import { type BudgetRow, openPeriodOf, periodSettingsOf, scopeOfBudget } from './ledger/budget-row.ts'
import { type Forecast, forecastExhaustion } from './limits/forecast.ts'
import { type BudgetPeriod, type PeriodSettings, periodInForce } from './periods/budget-period.ts'
import type { Money } from './pricing/money.ts'

/** The money of a budget, counted like its tokens. */
export interface MoneyState {
  /** Null: counted, not limited. */
  readonly limit: Money | null
  readonly used: Money
  readonly reserved: Money
  /** Negative where overdrawn; null where not limited. */
  readonly available: Money | null
}

/** A budget's limits and counters at one instant. */
export interface BudgetState {
  readonly scope: BudgetScope
  readonly level: BudgetLevel
  /** Null: tokens are counted, not limited. */
  readonly limitTokens: number | null
  /** Committed in the present period. */
  readonly usedTokens: number
  /** Held now, including holds that are due to expire and not yet swept. */
  readonly reservedTokens: number
  /** Limit less used and reserved; negative where the budget is overdrawn, null where not limited. */
  readonly availableTokens: number | null
  /** Absent: no money was ever limited or held here. */
  readonly money?: MoneyState
  readonly periodSettings: PeriodSettings
  /** The period in which it counts now. */
  readonly period: BudgetPeriod
  /** When it starts again from nothing. Null: never. */
  readonly resetsAt: Date | null
  /** Percentages of a limit at which it warns, ascending. */
  readonly softLimitPercents: readonly number[]
  /** When each limit is reached at the rate of this period. */
  readonly forecast: BudgetForecast
}

/** When the limits of a budget are reached: in a state at the rate of its period, else at the rate asked for. */
export interface BudgetForecast {
  readonly tokens: Forecast
  /** Absent: no money was ever limited or held here. */
  readonly money?: Forecast
}

/** What changed by setting a limit. */
export interface LimitChange {
  readonly state: BudgetState
  /** The limit before; null where tokens were not limited, undefined where the budget was created. */
  readonly previousLimitTokens: number | null | undefined
  /** The money limit before; null where money was not limited, undefined where the budget was created. */
  readonly previousLimitMoney: Money | null | undefined
}

/** A counter of a budget that its ledger does not bear out. */
export interface LedgerDifference {
  readonly scope: BudgetScope
  readonly counter: 'limit' | 'used' | 'reserved' | 'held reservations'
  readonly unit: 'tokens' | 'micros'
  /** As the budget's row says. */
  readonly counted: bigint
  /** As rebuilt from the movements, or from the reservations that are held. */
  readonly rebuilt: bigint
}

/** The outcome of rebuilding counters from the ledger. */
export interface LedgerVerification {
  readonly isConsistent: boolean
  readonly checkedBudgets: number
  /** At most 100 of them. */
  readonly differences: readonly LedgerDifference[]
}

/** What a budget used since an instant. */
export interface RecentUsage {
  readonly since: Date
  readonly tokens: bigint
  readonly micros: bigint
}

/** The state that a budget's row tells at `at`: in a period that nobody has begun yet, nothing is used. */
export function toBudgetState(row: BudgetRow, at: Date, recent?: RecentUsage): BudgetState {
  const scope = scopeOfBudget(row)
  const settings = periodSettingsOf(row)
  const open = openPeriodOf(row)
  const period = settings.kind === 'none' ? open : periodInForce(settings, open, at)
  const isOver = period !== open
  const usedTokens = isOver ? 0 : row.used_tokens
  const usedMicros = isOver ? 0 : row.used_micros
  const burn = { now: at, periodStart: period.startsAt, periodEnd: period.endsAt }
  const { currency, limit_micros: limitMicros, reserved_micros: reservedMicros } = row
  const forecast = forecastExhaustion({
    ...burn,
    used: usedTokens,
    limit: row.limit_tokens,
    recent: recent === undefined ? null : { since: recent.since, used: recent.tokens },
  })
  const state = {
    scope,
    level: levelOf(scope),
    limitTokens: row.limit_tokens,
    usedTokens,
    reservedTokens: row.reserved_tokens,
    availableTokens: left(row.limit_tokens, usedTokens, row.reserved_tokens),
    periodSettings: settings,
    period,
    resetsAt: period.endsAt,
    softLimitPercents: row.soft_limit_percents,
  }
  if (currency === null) return { ...state, forecast: { tokens: forecast } }
  const amount = (micros: number): Money => ({ currency, micros: BigInt(micros) })
  const available = left(limitMicros, usedMicros, reservedMicros)
  return {
    ...state,
    money: {
      limit: limitMicros === null ? null : amount(limitMicros),
      used: amount(usedMicros),
      reserved: amount(reservedMicros),
      available: available === null ? null : amount(available),
    },
    forecast: {
      tokens: forecast,
      money: forecastExhaustion({
        ...burn,
        used: usedMicros,
        limit: limitMicros,
        recent: recent === undefined ? null : { since: recent.since, used: recent.micros },
      }),
    },
  }
}

function left(limit: number | null, used: number, reserved: number): number | null {
  return limit === null ? null : limit - used - reserved
}
