export type { CallOutcome } from './call-outcome.ts'
export { CircuitBreaker, type Isolation } from './circuit-breaker.ts'
export type { CircuitEventMap, CircuitEventType, CircuitListener } from './circuit-breaker-events.ts'
export {
  type CircuitBreakerOptions,
  type CircuitBreakerRules,
  DEFAULT_CIRCUIT_BREAKER_OPTIONS,
} from './circuit-breaker-options.ts'
export type { CircuitCoordinator, CoordinatedCircuit, RemoteDecision } from './circuit-coordinator.ts'
export type {
  CircuitCause,
  CircuitChange,
  CircuitState,
  CircuitStatus,
  ForcedStatus,
} from './circuit-state.ts'
export type { AdoptableCircuit, CircuitHost, ManagedCircuit } from './managed-circuit.ts'
export type { ExecuteOptions, Policy } from './policy.ts'
export {
  CircuitBreakerRegistry,
  type CircuitView,
} from './registry/circuit-breaker-registry.ts'
export {
  type CircuitBreakerRegistryOptions,
  DEFAULT_CIRCUIT_BREAKER_REGISTRY_OPTIONS,
} from './registry/circuit-breaker-registry-options.ts'
export { ResilienceError, type ResilienceErrorCode } from './resilience-error.ts'
export type { CallWindow } from './trip-rules/call-window.ts'
export { failureRate } from './trip-rules/failure-rate.ts'
export type { RateRuleOptions } from './trip-rules/rate-rule.ts'
export { type SlowCallRateOptions, slowCallRate } from './trip-rules/slow-call-rate.ts'
export type { TripCounter, TripRule } from './trip-rules/trip-rule.ts'
