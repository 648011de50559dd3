export type {
  AdjustmentOrder,
  CallOptions,
  CommitOrder,
  ExtensionOrder,
  ForecastOptions,
  LimitOrder,
  RefundOrder,
  ReservationKey,
  Responsibility,
  RetentionOptions,
  SweepOptions,
} from './budget-calls.ts'
export { BudgetController } from './budget-controller.ts'
export {
  type BudgetControllerOptions,
  DEFAULT_BUDGET_CONTROLLER_OPTIONS,
  type OverrunPolicy,
} from './budget-controller-options.ts'
export type {
  BudgetDecision,
  DeniedDecision,
  ExtensionDecision,
  GrantedDecision,
  Settlement,
} from './budget-decision.ts'
export { BudgetError, type BudgetErrorCode } from './budget-error.ts'
export type { BudgetEventMap, BudgetEventType, BudgetListener } from './budget-event.ts'
export type { BudgetLease, LeaseOptions, UnknownUsagePolicy } from './budget-lease.ts'
export {
  type BudgetPeriod,
  type CalendarPeriod,
  type EndlessPeriod,
  type PeriodSettings,
  periodBounds,
  periodInForce,
  type RollingPeriod,
} from './budget-period.ts'
export type { BudgetLevel, BudgetScope } from './budget-scope.ts'
export type {
  BudgetForecast,
  BudgetState,
  LedgerDifference,
  LedgerVerification,
  LimitChange,
  MoneyState,
} from './budget-state.ts'
export {
  BudgetSweeper,
  type BudgetSweeperOptions,
  DEFAULT_BUDGET_SWEEPER_OPTIONS,
} from './budget-sweeper.ts'
export { actualCost, type CallCost, estimateCost, type FinishedCall, type PlannedCall } from './call-cost.ts'
export type { Correction } from './correction-desk.ts'
export { type BurnFacts, type Forecast, forecastExhaustion, type RecentUse } from './forecast.ts'
export { type ClosedPeriods, DEFAULT_RETENTION_MS, type LedgerPart } from './ledger-upkeep.ts'
export { type ModelUsage, partUsage, type UsageParts } from './model-usage.ts'
export {
  addMoney,
  compareMoney,
  formatMoney,
  MAX_MICROS,
  MICROS_PER_UNIT,
  type Money,
  money,
  parseMoney,
  subtractMoney,
} from './money.ts'
export {
  createPriceTable,
  type Micros,
  type ModelPrice,
  type ModelPriceOptions,
  type PriceTable,
  type PriceTableOptions,
  type PriceTier,
  type PriceTierOptions,
  priceOf,
  priceTableAt,
  type TokenRates,
  type TokenRatesOptions,
} from './price-table.ts'
export {
  type AiSdkInputDetails,
  type AiSdkOutputDetails,
  type AiSdkUsage,
  type AnthropicUsage,
  type OpenAiInputDetails,
  type OpenAiOutputDetails,
  type OpenAiUsage,
  usageFromAiSdk,
  usageFromAnthropic,
  usageFromOpenAi,
} from './provider-usage.ts'
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
export { type Amount, softLimitsCrossed, softLimitsReached } from './soft-limit.ts'
export {
  DEFAULT_TTL_MS,
  type PricedRequest,
  type RequestAddress,
  type SizedRequest,
  type TokenRequest,
} from './token-request.ts'
export type { TotalUsage, Usage } from './usage.ts'
