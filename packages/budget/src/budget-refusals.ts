import type { RefusedAnswer } from './batches/budget-step.ts'
import type { DeniedDecision } from './budget-decision.ts'
import { BudgetError } from './budget-error.ts'
import { type BudgetRequest, isPriced, type ResolvedBudgetRequest } from './budget-request.ts'
import { type BudgetScope, levelOf } from './budget-scope.ts'
import { type BudgetRow, openPeriodOf, scopeOfBudget } from './ledger/budget-row.ts'
import { formatMoney, type Money } from './pricing/money.ts'
import type { Reservation } from './reservation.ts'

/** `BUDGET_NOT_FOUND`: nothing limits the scope. */
export function budgetNotFound(scope: BudgetScope): BudgetError {
  return new BudgetError({
    code: 'BUDGET_NOT_FOUND',
    message: 'no budget for this scope: `setLimit` makes one, `defaultLimitTokens` one for each project',
    details: { scope },
  })
}

/** `BUDGET_EXHAUSTED`: the denial of `request`, its details as JSON has them. */
export function budgetExhausted(denied: DeniedDecision, request: BudgetRequest): BudgetError {
  const { level, scope, unit, availableTokens, limitTokens, resetsAt } = denied
  const requestedTokens = isPriced(request) ? request.inputTokens + request.maxOutputTokens : request.tokens
  const money = {
    requestedMoney: textOf(denied.requestedMoney),
    availableMoney: textOf(denied.availableMoney),
    limitMoney: textOf(denied.limitMoney),
  }
  const lack =
    unit === 'money'
      ? `${money.requestedMoney} (${requestedTokens} tokens): ${money.availableMoney} of ${money.limitMoney}`
      : `${requestedTokens} tokens: ${availableTokens} of ${limitTokens}`
  return new BudgetError({
    code: 'BUDGET_EXHAUSTED',
    message: `the budget of the ${level} has no room for ${lack} left`,
    details: {
      level,
      scope,
      unit,
      requestedTokens,
      availableTokens,
      limitTokens,
      ...money,
      resetsAt: resetsAt?.toISOString() ?? null,
    },
  })
}

function textOf(money: Money | null): string | null {
  return money === null ? null : formatMoney(money)
}

/** `REQUEST_CONFLICT`: the id stands for another request. */
export function requestConflict(requestId: string, field: string): BudgetError {
  return new BudgetError({
    code: 'REQUEST_CONFLICT',
    message: `request id was used before with another ${field}`,
    details: { requestId, field },
  })
}

/** `RESERVATION_NOT_FOUND`: the tenant never held anything under this id. */
export function reservationNotFound(requestId: string): BudgetError {
  return new BudgetError({
    code: 'RESERVATION_NOT_FOUND',
    message: 'the tenant has no reservation with this request id',
    details: { requestId },
  })
}

/** `RESERVATION_SETTLED`: it ended in another way before; `field` says what differs. */
export function reservationSettled(
  { requestId, status }: Pick<Reservation, 'requestId' | 'status'>,
  field: 'status' | 'usage',
): BudgetError {
  return new BudgetError({
    code: 'RESERVATION_SETTLED',
    message:
      field === 'status' ? `the reservation is ${status} already` : `it was ${status} with another usage`,
    details: { requestId, status, field },
  })
}

/** `CURRENCY_MISMATCH`: no rate of exchange is assumed. */
export function currencyMismatch(scope: BudgetScope, currencies: readonly string[]): BudgetError {
  return new BudgetError({
    code: 'CURRENCY_MISMATCH',
    message: 'amounts of different currencies cannot be counted together',
    details: { scope, currencies },
  })
}

/** `PRICE_REQUIRED`: a budget limits money and the request says no cost. */
export function priceRequired(budget: BudgetRow): BudgetError {
  return new BudgetError({
    code: 'PRICE_REQUIRED',
    message:
      "a budget of this scope limits money: say the request's `cost` or `model`, or `hold: 'price'` of an adapter",
    details: { scope: scopeOfBudget(budget), currency: budget.currency },
  })
}

/** The denial of a request, or of what an extension adds, for want of room. */
export function deniedDecision(
  { budget, roomTokens, roomMicros }: RefusedAnswer,
  asked: Pick<ResolvedBudgetRequest, 'tokens' | 'micros' | 'currency'>,
): DeniedDecision {
  const scope = scopeOfBudget(budget)
  const { currency, limit_micros: limitMicros } = budget
  const isMoneyLimited = currency !== null && limitMicros !== null
  const lacksTokens = roomTokens !== undefined && roomTokens < asked.tokens
  return {
    status: 'denied',
    scope,
    level: levelOf(scope),
    unit: lacksTokens || !isMoneyLimited ? 'tokens' : 'money',
    availableTokens: roomTokens ?? null,
    limitTokens: budget.limit_tokens,
    requestedMoney:
      asked.currency === undefined ? null : { currency: asked.currency, micros: BigInt(asked.micros) },
    availableMoney: isMoneyLimited ? { currency, micros: BigInt(roomMicros ?? 0) } : null,
    limitMoney: isMoneyLimited ? { currency, micros: BigInt(limitMicros) } : null,
    resetsAt: openPeriodOf(budget).endsAt,
  }
}
