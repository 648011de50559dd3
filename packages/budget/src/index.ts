export type { CallOptions, LimitOrder, ReservationKey, SweepOptions } from './budget-calls.ts'
export { BudgetController } from './budget-controller.ts'
export {
  type BudgetControllerOptions,
  DEFAULT_BUDGET_CONTROLLER_OPTIONS,
} from './budget-controller-options.ts'
export type { BudgetDecision, DeniedDecision, GrantedDecision, Settlement } from './budget-decision.ts'
export { BudgetError, type BudgetErrorCode } from './budget-error.ts'
export type { BudgetLevel, BudgetScope } from './budget-scope.ts'
export type { BudgetState, LedgerDifference, LedgerVerification, LimitChange } from './budget-state.ts'
export type {
  CommittedReservation,
  ExpiredReservation,
  HeldReservation,
  LateReservation,
  ReleasedReservation,
  Reservation,
  ReservationFacts,
  SettledUsage,
  UsageBasis,
} from './reservation.ts'
export { DEFAULT_TTL_MS, type TokenRequest } from './token-request.ts'
export type { Usage } from './usage.ts'
