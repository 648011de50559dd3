import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this package. */
export type BudgetErrorCode =
  | 'ADJUSTMENT_CONFLICT'
  | 'BUDGET_EXHAUSTED'
  | 'BUDGET_NOT_FOUND'
  | 'BUDGET_OUTCOME_UNKNOWN'
  | 'BUDGET_OVERLOADED'
  | 'CALL_UNREADABLE'
  | 'CURRENCY_MISMATCH'
  | 'MONEY_OUT_OF_RANGE'
  | 'NO_PRICES_IN_FORCE'
  | 'PRICE_REQUIRED'
  | 'REFUND_EXCEEDS_USED'
  | 'REQUEST_CONFLICT'
  | 'RESERVATION_NOT_FOUND'
  | 'RESERVATION_SETTLED'
  | 'TOKENS_OUT_OF_RANGE'
  | 'UNKNOWN_MODEL'

/**
 * A budget operation was refused. None but `BUDGET_OUTCOME_UNKNOWN` may have changed anything, and none but that and
 * `BUDGET_OVERLOADED` is retryable as it stands:
 * - `ADJUSTMENT_CONFLICT`: the adjustment id was used for another correction.
 * - `BUDGET_EXHAUSTED`: `withBudget` was denied (`details` as of the decision, `requestedMoney` among them, with
 *   `requestedTokens`; money as text such as `0.25 USD`, `resetsAt` in ISO form).
 * - `BUDGET_NOT_FOUND`: no limit covers the scope (`details.scope`).
 * - `BUDGET_OUTCOME_UNKNOWN` (retryable): the answer was lost on the way; the same call with the same ids finds out.
 * - `BUDGET_OVERLOADED` (retryable): too many calls wait (`details.retryAfterMs`).
 * - `CALL_UNREADABLE`: `guardedFetch` cannot tell what a call may use (`details.method`, `details.url`).
 * - `CURRENCY_MISMATCH`: amounts of two currencies were to be added or compared (`details.currencies`).
 * - `MONEY_OUT_OF_RANGE`: an amount would pass 2^53 - 1 micro-units of its currency.
 * - `NO_PRICES_IN_FORCE`: every price table takes effect later (`details.at`).
 * - `PRICE_REQUIRED`: a budget limits money and the request says no cost (`details.scope`).
 * - `REFUND_EXCEEDS_USED`: more would be given back than was charged, or than a budget has used in its period.
 * - `REQUEST_CONFLICT`: the request id was used for something else (`details.field` differs).
 * - `RESERVATION_NOT_FOUND`: the tenant has no reservation with that request id.
 * - `RESERVATION_SETTLED`: it was settled in another way before (`details.status`, `details.field`).
 * - `TOKENS_OUT_OF_RANGE`: the used tokens of a budget would pass 2^53 - 1.
 * - `UNKNOWN_MODEL`: the price table names no such model and has no default price (`details.model`).
 */
export class BudgetError extends GoldenError<BudgetErrorCode> {}
