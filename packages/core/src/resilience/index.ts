export { fromOpossum } from './adapters/opossum/from-opossum.ts'
export type { OpossumBreaker, OpossumEvent } from './adapters/opossum/opossum-breaker.ts'
export type {
  CircuitRedis,
  CircuitRedisOverride,
  CircuitRedisSubscriber,
} from './adapters/redis/circuit-redis.ts'
export {
  RedisCircuitStore,
  type RedisCircuitStoreOptions,
} from './adapters/redis/redis-circuit-store.ts'
export {
  SqlCircuitPersistence,
  type SqlCircuitPersistenceOptions,
} from './adapters/sql/sql-circuit-persistence.ts'
export { SqlCircuitStore, type SqlCircuitStoreOptions } from './adapters/sql/sql-circuit-store.ts'
export { type BulkheadOptions, type BulkheadPolicy, bulkhead } from './bulkhead/bulkhead.ts'
export type { CallOutcome } from './call-outcome.ts'
export { CircuitBreaker } from './circuit-breaker.ts'
export type { CircuitEventMap, CircuitEventType, CircuitListener } from './circuit-breaker-events.ts'
export type {
  CircuitBreakerOptions,
  CircuitBreakerRules,
} from './circuit-breaker-options.ts'
export type {
  CircuitCause,
  CircuitChange,
  CircuitOrder,
  CircuitState,
  CircuitStatus,
  ForcedStatus,
} from './circuit-state.ts'
export { type AnswerOf, type Composable, type ComposedPolicy, compose } from './compose.ts'
export type { Call } from './composition/layer.ts'
export type { LayeredPolicy } from './composition/layered-policy.ts'
export { classifyFailure } from './failure/classify-failure.ts'
export { classifyLlmFailure } from './failure/classify-llm-failure.ts'
export type { FailureClassifier, FailureVerdict } from './failure/failure-verdict.ts'
export { type HeaderSource, retryAfterMs } from './failure/retry-after.ts'
export {
  type Alternative,
  type FallbackOptions,
  type FallbackPolicy,
  type FallbackSituation,
  fallback,
} from './fallback/fallback.ts'
export { type HedgePolicy, hedge } from './hedge/hedge.ts'
export type { HedgeNotice, HedgeOptions } from './hedge/hedge-options.ts'
export type { Isolation } from './isolation.ts'
export type { AdoptableCircuit } from './managed-circuit.ts'
export type { ExecuteOptions, Policy } from './policy.ts'
export type { CircuitPersistence, PersistedCircuit } from './ports/circuit-persistence.ts'
export type {
  CircuitProposal,
  CircuitStore,
  CircuitStoreListener,
  CircuitSubscription,
  ProbeAnswer,
  ProbeRequest,
  ProposalAnswer,
  SharedCause,
  SharedCircuit,
  SharedStatus,
} from './ports/circuit-store.ts'
export {
  CircuitBreakerRegistry,
  type CircuitView,
} from './registry/circuit-breaker-registry.ts'
export type { CircuitBreakerRegistryOptions } from './registry/circuit-breaker-registry-options.ts'
export { ResilienceError, type ResilienceErrorCode } from './resilience-error.ts'
export type { BackoffOptions } from './retry/backoff-options.ts'
export { llmRetry } from './retry/llm-retry.ts'
export { type RetryPolicy, retry } from './retry/retry.ts'
export { RetryBudget, type RetryBudgetOptions } from './retry/retry-budget.ts'
export type { GiveUpReason } from './retry/retry-decision.ts'
export type { RetryNotice, RetryOptions } from './retry/retry-options.ts'
export { type RetryReport, retryReportOf } from './retry/retry-report.ts'
export { startStream } from './retry/start-stream.ts'
export type { SharingOptions } from './sharing/circuit-sharing-options.ts'
export {
  type AdaptiveThrottleOptions,
  type AdaptiveThrottlePolicy,
  adaptiveThrottle,
} from './throttle/adaptive-throttle.ts'
export { type TimeoutOptions, type TimeoutPolicy, timeout } from './timeout/timeout.ts'
export type { CallWindow } from './trip-rules/call-window.ts'
export { failureRate } from './trip-rules/failure-rate.ts'
export type { RateRuleOptions } from './trip-rules/rate-rule.ts'
export { type SlowCallRateOptions, slowCallRate } from './trip-rules/slow-call-rate.ts'
export type { TripCounter, TripRule } from './trip-rules/trip-rule.ts'
