import { BudgetError } from './budget-error.ts'
import type { BudgetScope } from './budget-scope.ts'
import type { Reservation } from './reservation.ts'
import type { ResolvedTokenRequest } from './token-request.ts'

/** `BUDGET_NOT_FOUND`: nothing limits the scope. */
export function budgetNotFound(scope: BudgetScope): BudgetError {
  return new BudgetError({
    code: 'BUDGET_NOT_FOUND',
    message: 'no budget covers this scope',
    details: { scope },
  })
}

/** `REQUEST_CONFLICT`: the id stands for another request. */
export function requestConflict(request: ResolvedTokenRequest, field: string): BudgetError {
  return new BudgetError({
    code: 'REQUEST_CONFLICT',
    message: `request id was used before with another ${field}`,
    details: { requestId: request.requestId, field },
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
export function reservationSettled(reservation: Reservation, field: 'status' | 'usage'): BudgetError {
  const { requestId, status } = reservation
  return new BudgetError({
    code: 'RESERVATION_SETTLED',
    message:
      field === 'status' ? `the reservation is ${status} already` : `it was ${status} with another usage`,
    details: { requestId, status, field },
  })
}

/** `TOKENS_OUT_OF_RANGE`: a counter would no longer be a safe integer. */
export function tokensOutOfRange(requestId: string): BudgetError {
  return new BudgetError({
    code: 'TOKENS_OUT_OF_RANGE',
    message: 'the used tokens of a budget would pass 2^53 - 1',
    details: { requestId },
  })
}
