import { InvalidOptionError, requireInteger } from '../errors/index.ts'
import {
  type EventListeners,
  type Logger,
  type Metrics,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '../observability/index.ts'
import { type Clock, systemClock } from '../time/index.ts'
import { type CallOutcome, outcomeOfError } from './call-outcome.ts'
import type { CircuitEventMap } from './circuit-breaker-events.ts'
import type { CircuitCoordinator } from './circuit-coordinator.ts'
import { CircuitInstruments } from './circuit-meter.ts'
import type { CircuitPolicy } from './circuit-transition.ts'
import { quietLogger } from './quiet-sinks.ts'
import type { TripRule } from './trip-rules/trip-rule.ts'

/** When a breaker opens, how it recovers, and what it counts. */
export interface CircuitBreakerRules {
  /** Consecutive failures that open the circuit, 1 to 1000000. Default 5, or none where `tripRules` are given. */
  readonly failureThreshold?: number
  /** Further rules, each of which may open the circuit: `failureRate`, `slowCallRate`, or your own. Default none. */
  readonly tripRules?: readonly TripRule[]
  /** Milliseconds that an open circuit rejects before it lets a probe through, 1 to 2^31 - 1. Default 30000 (30 seconds). */
  readonly recoveryTimeoutMs?: number
  /** Probes that may run at once while half-open, 1 to 1000; more callers are rejected. Default 1. */
  readonly maxProbes?: number
  /** Probes that must succeed before the circuit closes, 1 to 1000. Default `maxProbes`. */
  readonly successThreshold?: number
  /** Whether probing starts with one probe, each success letting one more run at once, up to `maxProbes`. Default false. */
  readonly rampsProbes?: boolean
  /**
   * Milliseconds that a probe may take before it counts as failed, its signal is aborted and its caller gets
   * `PROBE_TIMEOUT`, 1 to 2^31 - 1; each chunk of a stream that it gives starts them anew. Default 60000 (60 seconds).
   */
  readonly probeTimeoutMs?: number
  /**
   * What an error says about the service. One that throws counts as `ignored`. Default: each error is a failure, save the
   * refusal of a bulkhead, throttle or breaker that the call itself met.
   */
  readonly outcomeOfError?: (error: unknown) => CallOutcome
  /** Whether a result is a failure after all. One that throws counts as `ignored`. Default: no result is. */
  readonly isFailure?: (result: unknown) => boolean
  /** Whether async iterables and web streams that a call gives are watched to their end. Default true. */
  readonly watchesStreams?: boolean
  /** Whether rejections carry a stack trace, which is most of what they cost. Default false. */
  readonly hasRejectionStacks?: boolean
}

/** What a {@link CircuitBreaker} is made of. */
export interface CircuitBreakerOptions extends CircuitBreakerRules {
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Default: none. */
  readonly metrics?: Metrics
  /** Default: none. */
  readonly logger?: Logger
  /** Gets a span for each call. Default: none. */
  readonly tracer?: Tracer
}

/** What the breaker may rely on. Many breakers may share one. */
export interface ResolvedCircuitBreakerOptions extends CircuitPolicy {
  /** `Infinity` where consecutive failures do not open the circuit. */
  readonly failureThreshold: number
  readonly tripRules: readonly TripRule[]
  readonly probeTimeoutMs: number
  readonly outcomeOfError: (error: unknown) => CallOutcome
  readonly isFailure: ((result: unknown) => boolean) | undefined
  readonly watchesStreams: boolean
  readonly hasRejectionStacks: boolean
  readonly clock: Clock
  readonly instruments: CircuitInstruments | undefined
  readonly logger: Logger
  readonly tracer: Tracer | undefined
  readonly coordinator: CircuitCoordinator | undefined
  /** Who hears of all breakers that share this. */
  readonly listeners: EventListeners<CircuitEventMap> | undefined
  readonly isResolved: true
}

/** The values used where none are given. */
const DEFAULT_CIRCUIT_BREAKER_OPTIONS = Object.freeze({
  failureThreshold: 5,
  recoveryTimeoutMs: 30_000,
  maxProbes: 1,
  probeTimeoutMs: 60_000,
})

const MAX_MS = 2 ** 31 - 1

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveCircuitBreakerOptions(options: CircuitBreakerOptions): ResolvedCircuitBreakerOptions {
  const { metrics = silentMetrics, tracer = silentTracer } = options
  return Object.freeze({
    ...resolveCircuitBreakerRules(options),
    clock: options.clock ?? systemClock,
    instruments: metrics === silentMetrics ? undefined : new CircuitInstruments(metrics),
    logger: quietLogger(options.logger),
    tracer: tracer === silentTracer ? undefined : tracer,
    coordinator: undefined,
    listeners: undefined,
    isResolved: true,
  })
}

/** What {@link resolveCircuitBreakerRules} gives. */
export type ResolvedCircuitBreakerRules = Pick<
  ResolvedCircuitBreakerOptions,
  | keyof CircuitPolicy
  | 'failureThreshold'
  | 'tripRules'
  | 'probeTimeoutMs'
  | 'outcomeOfError'
  | 'isFailure'
  | 'watchesStreams'
  | 'hasRejectionStacks'
>

/**
 * Checks the rules and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveCircuitBreakerRules(rules: CircuitBreakerRules): ResolvedCircuitBreakerRules {
  const { tripRules = [], isFailure } = rules
  const defaults = DEFAULT_CIRCUIT_BREAKER_OPTIONS
  const failureThreshold =
    rules.failureThreshold ?? (tripRules.length > 0 ? undefined : defaults.failureThreshold)
  const maxProbes = requireInteger('maxProbes', rules.maxProbes ?? defaults.maxProbes, { min: 1, max: 1000 })
  return {
    failureThreshold:
      failureThreshold === undefined
        ? Number.POSITIVE_INFINITY
        : requireInteger('failureThreshold', failureThreshold, { min: 1, max: 1_000_000 }),
    tripRules: requireTripRules(tripRules),
    recoveryTimeoutMs: requireMs('recoveryTimeoutMs', rules.recoveryTimeoutMs ?? defaults.recoveryTimeoutMs),
    maxProbes,
    successThreshold: requireInteger('successThreshold', rules.successThreshold ?? maxProbes, {
      min: 1,
      max: 1000,
    }),
    rampsProbes: requireFlag('rampsProbes', rules.rampsProbes ?? false),
    probeTimeoutMs: requireMs('probeTimeoutMs', rules.probeTimeoutMs ?? defaults.probeTimeoutMs),
    outcomeOfError: requireFunction('outcomeOfError', rules.outcomeOfError ?? outcomeOfError),
    isFailure: isFailure === undefined ? undefined : requireFunction('isFailure', isFailure),
    watchesStreams: requireFlag('watchesStreams', rules.watchesStreams ?? true),
    hasRejectionStacks: requireFlag('hasRejectionStacks', rules.hasRejectionStacks ?? false),
  }
}

function requireMs(option: string, value: number): number {
  return requireInteger(option, value, { min: 1, max: MAX_MS })
}

function requireFlag(option: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw new InvalidOptionError(option, 'true or false', value)
  return value
}

function requireFunction<F>(option: string, value: F): F {
  if (typeof value !== 'function') throw new InvalidOptionError(option, 'a function', value)
  return value
}

function requireTripRules(rules: readonly TripRule[]): readonly TripRule[] {
  const isList = Array.isArray(rules) && rules.length <= 16
  if (isList && rules.every((rule) => typeof rule?.name === 'string' && typeof rule.open === 'function')) {
    return [...rules]
  }
  throw new InvalidOptionError('tripRules', 'a list of up to 16 rules such as failureRate()', rules)
}
