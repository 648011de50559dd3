import type { ResolvedCircuitBreakerOptions } from './circuit-breaker-options.ts'
import type { CircuitState } from './circuit-state.ts'
import { ResilienceError } from './resilience-error.ts'

/** How soon to ask again, at most, where nobody knows when the probes that run will end. */
const PROBE_WAIT_MS = 1000

/** Milliseconds after which a circuit in this state may let another call through; undefined where a person holds it. */
export function recoveryPauseMs(
  state: CircuitState,
  policy: { readonly recoveryTimeoutMs: number },
  nowMs: number,
): number | undefined {
  if (state.status === 'forced-open') return undefined
  if (state.status === 'open' && state.reopenAtMs > nowMs) return Math.ceil(state.reopenAtMs - nowMs)
  return Math.min(PROBE_WAIT_MS, policy.recoveryTimeoutMs)
}

/** The error of a call that the circuit `name` refuses now. */
export function circuitRejection(
  name: string,
  state: CircuitState,
  options: ResolvedCircuitBreakerOptions,
  nowMs: number,
): ResilienceError {
  const afterMs = recoveryPauseMs(state, options, nowMs)
  if (state.status === 'forced-open') {
    return new ResilienceError({
      code: 'CIRCUIT_ISOLATED',
      message: `circuit ${name} is held open: ${state.reason}`,
      policy: name,
      hasStack: options.hasRejectionStacks,
    })
  }
  return new ResilienceError({
    code: 'CIRCUIT_OPEN',
    message:
      state.status === 'open' ? `circuit ${name} is open: ${state.reason}` : `circuit ${name} is probing`,
    policy: name,
    retryAfterMs: afterMs,
    hasStack: options.hasRejectionStacks,
  })
}

/** The error of a probe that took too long. */
export function probeTimeout(name: string, options: ResolvedCircuitBreakerOptions): ResilienceError {
  return new ResilienceError({
    code: 'PROBE_TIMEOUT',
    message: `a probe of circuit ${name} gave no sign of life for ${options.probeTimeoutMs} ms`,
    policy: name,
    retryAfterMs: options.recoveryTimeoutMs,
    hasStack: options.hasRejectionStacks,
  })
}
