import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this package. */
export type BudgetErrorCode =
  | 'BUDGET_NOT_FOUND'
  | 'CURRENCY_MISMATCH'
  | 'MONEY_OUT_OF_RANGE'
  | 'NO_PRICES_IN_FORCE'
  | 'REQUEST_CONFLICT'
  | 'RESERVATION_NOT_FOUND'
  | 'RESERVATION_SETTLED'
  | 'TOKENS_OUT_OF_RANGE'
  | 'UNKNOWN_MODEL'

/**
 * A budget operation was refused and changed nothing. None is retryable as it stands:
 * - `BUDGET_NOT_FOUND`: no limit covers the scope (`details.scope`).
 * - `CURRENCY_MISMATCH`: amounts of two currencies were to be added or compared (`details.currencies`).
 * - `MONEY_OUT_OF_RANGE`: an amount would pass 2^53 - 1 micro-units of its currency.
 * - `NO_PRICES_IN_FORCE`: every price table takes effect later (`details.at`).
 * - `REQUEST_CONFLICT`: the request id was used for something else (`details.field` differs).
 * - `RESERVATION_NOT_FOUND`: the tenant has no reservation with that request id.
 * - `RESERVATION_SETTLED`: it was settled in another way before (`details.status`, `details.field`).
 * - `TOKENS_OUT_OF_RANGE`: the used tokens of a budget would pass 2^53 - 1.
 * - `UNKNOWN_MODEL`: the price table names no such model and has no default price (`details.model`).
 */
export class BudgetError extends GoldenError<BudgetErrorCode> {}
