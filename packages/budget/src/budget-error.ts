import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this package. */
export type BudgetErrorCode =
  | 'BUDGET_NOT_FOUND'
  | 'REQUEST_CONFLICT'
  | 'RESERVATION_NOT_FOUND'
  | 'RESERVATION_SETTLED'
  | 'TOKENS_OUT_OF_RANGE'

/**
 * A budget operation was refused and changed nothing. None is retryable as it stands:
 * - `BUDGET_NOT_FOUND`: no limit covers the scope (`details.scope`).
 * - `REQUEST_CONFLICT`: the request id was used for something else (`details.field` differs).
 * - `RESERVATION_NOT_FOUND`: the tenant has no reservation with that request id.
 * - `RESERVATION_SETTLED`: it was settled in another way before (`details.status`, `details.field`).
 * - `TOKENS_OUT_OF_RANGE`: the used tokens of a budget would pass 2^53 - 1.
 */
export class BudgetError extends GoldenError<BudgetErrorCode> {}
