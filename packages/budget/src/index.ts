export type {
  AdjustmentOrder,
  BelowOptions,
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
export type {
  BudgetControllerOptions,
  OverrunPolicy,
} from './budget-controller-options.ts'
export type {
  BudgetDecision,
  BudgetSettlement,
  DeniedDecision,
  ExtensionDecision,
  GrantedDecision,
} from './budget-decision.ts'
export { BudgetError, type BudgetErrorCode } from './budget-error.ts'
export type {
  BudgetRequest,
  PricedRequest,
  RequestAddress,
  SizedRequest,
} from './budget-request.ts'
export type { BudgetLevel, BudgetScope } from './budget-scope.ts'
export type {
  BudgetForecast,
  BudgetState,
  LedgerDifference,
  LedgerVerification,
  LimitChange,
  MoneyState,
} from './budget-state.ts'
export { type BudgetSweep, BudgetSweeper, type BudgetSweeperOptions } from './budget-sweeper.ts'
export type { Correction } from './corrections/correction-desk.ts'
export type { BudgetEventMap, BudgetEventType, BudgetListener } from './events/budget-event.ts'
export type { BudgetLease, LeaseOptions, UnknownUsagePolicy } from './leases/budget-lease.ts'
export type { LedgerPart, RetiredRecords } from './ledger/ledger-upkeep.ts'
export type { Forecast } from './limits/forecast.ts'
export type {
  BudgetPeriod,
  CalendarPeriod,
  EndlessPeriod,
  PeriodSettings,
  RollingPeriod,
} from './periods/budget-period.ts'
export {
  actualCost,
  type CallCost,
  estimateCost,
  type FinishedCall,
  type PlannedCall,
} from './pricing/call-cost.ts'
export type { ModelUsage } from './pricing/model-usage.ts'
export {
  formatMoney,
  type Money,
  money,
  parseMoney,
} from './pricing/money.ts'
export {
  createPriceTable,
  type Micros,
  type ModelPrice,
  type ModelPriceOptions,
  type PriceTable,
  type PriceTableOptions,
  type PriceTier,
  type PriceTierOptions,
  type TokenRates,
  type TokenRatesOptions,
} from './pricing/price-table.ts'
export {
  type AiSdkInputDetails,
  type AiSdkOutputDetails,
  type AiSdkUsage,
  type AnthropicUsage,
  type LangChainInputDetails,
  type LangChainOutputDetails,
  type LangChainUsage,
  type OpenAiInputDetails,
  type OpenAiOutputDetails,
  type OpenAiUsage,
  usageFromAiSdk,
  usageFromAnthropic,
  usageFromLangChain,
  usageFromOpenAi,
} from './pricing/provider-usage.ts'
export type { TotalUsage, Usage } from './pricing/usage.ts'
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
