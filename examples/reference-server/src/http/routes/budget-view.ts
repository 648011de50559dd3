import type {
  BudgetDecision,
  BudgetForecast,
  BudgetScope,
  BudgetSettlement,
  BudgetState,
  Forecast,
  LimitChange,
  Money,
  PeriodSettings,
  Reservation,
} from '@golden-arch/budget'
import type { z } from 'zod'
import type {
  budgetStateSchema,
  decisionSchema,
  forecastSchema,
  limitChangeSchema,
  reservationSchema,
  settlementSchema,
} from './budget-answers.ts'
import { requestIdOf } from './hold-id.ts'

/** The answer to a request for tokens. */
export function decisionView(decision: BudgetDecision): z.infer<typeof decisionSchema> {
  if (decision.status === 'granted') {
    const { isReplay, reservation } = decision
    return { status: 'granted', is_replay: isReplay, reservation: reservationView(reservation) }
  }
  const { level, scope, unit, availableTokens, limitTokens, availableMoney, limitMoney, resetsAt } = decision
  return {
    status: 'denied',
    reason: `the budget of the ${level} has no room in ${unit}`,
    level,
    scope: scopeView(scope),
    unit,
    available_tokens: availableTokens,
    limit_tokens: limitTokens,
    available_money: moneyView(availableMoney),
    limit_money: moneyView(limitMoney),
    resets_at: resetsAt?.toISOString() ?? null,
  }
}

/** A reservation that was committed or released. */
export function settlementView({
  isReplay,
  reservation,
}: BudgetSettlement): z.infer<typeof settlementSchema> {
  return { is_replay: isReplay, reservation: reservationView(reservation) }
}

/** The limits and counters of a budget. */
export function budgetStateView(state: BudgetState): z.infer<typeof budgetStateSchema> {
  const { level, scope, money, period, softLimitPercents, forecast } = state
  return {
    level,
    scope: scopeView(scope),
    limit: state.limitTokens,
    used: state.usedTokens,
    reserved: state.reservedTokens,
    available: state.availableTokens,
    money:
      money === undefined
        ? null
        : {
            limit: moneyView(money.limit),
            used: amountView(money.used),
            reserved: amountView(money.reserved),
            available: moneyView(money.available),
          },
    period: {
      ...periodView(state.periodSettings),
      starts_at: period.startsAt.toISOString(),
      ends_at: period.endsAt?.toISOString() ?? null,
    },
    soft_limit_percents: [...softLimitPercents],
    forecast: forecastView(forecast),
  }
}

/** What changed by setting limits. */
export function limitChangeView(change: LimitChange): z.infer<typeof limitChangeSchema> {
  const { previousLimitTokens, previousLimitMoney, state } = change
  return {
    is_new: previousLimitTokens === undefined && previousLimitMoney === undefined,
    previous_limit_tokens: previousLimitTokens ?? null,
    previous_limit_money: moneyView(previousLimitMoney),
    state: budgetStateView(state),
  }
}

/** When the limits are reached. */
export function forecastView({ tokens, money }: BudgetForecast): z.infer<typeof forecastSchema> {
  return { tokens: burnView(tokens), money: money === undefined ? null : burnView(money) }
}

function reservationView(reservation: Reservation): z.infer<typeof reservationSchema> {
  const { requestId, scope, status, tokens, cost, model, ttlMs, heldAt, expiresAt } = reservation
  return {
    request_id: requestIdOf(requestId),
    scope: scopeView(scope),
    status,
    tokens,
    cost: moneyView(cost),
    model: model ?? null,
    ttl_ms: ttlMs,
    held_at: heldAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    charged:
      'committedAt' in reservation
        ? {
            tokens: reservation.usedTokens,
            cost: moneyView(reservation.usedCost),
            basis: reservation.usageBasis,
            overrun_tokens: reservation.overrunTokens,
            uncharged_tokens: reservation.unchargedTokens ?? 0,
            at: reservation.committedAt.toISOString(),
          }
        : null,
    released_at: 'releasedAt' in reservation ? reservation.releasedAt.toISOString() : null,
    expired_at: 'expiredAt' in reservation ? reservation.expiredAt.toISOString() : null,
  }
}

function scopeView({ projectId, taskId, agentId }: BudgetScope): {
  project_id: string | null
  task_id: string | null
  agent_id: string | null
} {
  return { project_id: projectId ?? null, task_id: taskId ?? null, agent_id: agentId ?? null }
}

function periodView(settings: PeriodSettings): {
  kind: PeriodSettings['kind']
  length_ms: number | null
  time_zone: string | null
} {
  return {
    kind: settings.kind,
    length_ms: settings.kind === 'rolling' ? settings.lengthMs : null,
    time_zone: 'timeZone' in settings ? settings.timeZone : null,
  }
}

function burnView({ exhaustsAt, ratePerHour, basis }: Forecast): z.infer<typeof forecastSchema>['tokens'] {
  return { exhausts_at: exhaustsAt?.toISOString() ?? null, rate_per_hour: ratePerHour, basis }
}

function moneyView(money: Money | null | undefined): { currency: string; micros: number } | null {
  return money === null || money === undefined ? null : amountView(money)
}

/** Amounts of a budget are within what a JSON number holds exactly. */
function amountView({ currency, micros }: Money): { currency: string; micros: number } {
  return { currency, micros: Number(micros) }
}
