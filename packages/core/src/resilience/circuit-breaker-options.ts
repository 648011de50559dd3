import {
  InvalidOptionError,
  requireFlag,
  requireFunction,
  requireInteger,
  requireObject,
  type WithDefaults,
  withDefaults,
} from '../errors/index.ts'
import {
  type EventListeners,
  type Logger,
  type Metrics,
  quietLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '../observability/index.ts'
import { type Clock, MAX_TIMER_MS, systemClock } from '../time/index.ts'
import { type CallOutcome, outcomeOfError } from './call-outcome.ts'
import type { CircuitEventMap } from './circuit-breaker-events.ts'
import type { CircuitCoordinator } from './circuit-coordinator.ts'
import { CircuitInstruments } from './circuit-meter.ts'
import type { CircuitPolicy } from './circuit-transition.ts'
import type { TripRule } from './trip-rules/trip-rule.ts'

/** When a breaker opens, how it recovers, and what it counts. */
export interface CircuitBreakerRules {
  /** Consecutive failures that open the circuit, 1 to 1000000. Default 5, or none where `tripRules` are given. */
  readonly failureThreshold?: number | undefined
  /** Further rules, each of which may open the circuit: `failureRate`, `slowCallRate`, or your own. Default: none. */
  readonly tripRules?: readonly TripRule[] | undefined
  /** Milliseconds that an open circuit rejects before it lets a probe through, 1 to 2^31 - 1. Default 30000 (30 seconds). */
  readonly recoveryTimeoutMs?: number | undefined
  /** Probes that may run at once while half-open, 1 to 1000; more callers are rejected. Default 1. */
  readonly maxProbes?: number | undefined
  /** Probes that must succeed before the circuit closes, 1 to 1000. Default `maxProbes`. */
  readonly successThreshold?: number | undefined
  /** Whether probing starts with one probe, each success letting one more run at once, up to `maxProbes`. Default false. */
  readonly rampsProbes?: boolean | undefined
  /**
   * Milliseconds that a probe may take before it counts as failed, its signal is aborted and its caller gets
   * `PROBE_TIMEOUT`, 1 to 2^31 - 1; each chunk of a stream that it gives starts them anew. Default 60000 (60 seconds).
   */
  readonly probeTimeoutMs?: number | undefined
  /**
   * What an error says about the service. One that throws counts as `ignored`. Default: each error is a failure, save the
   * refusal of a bulkhead, throttle, breaker or budget that the call itself met.
   */
  readonly outcomeOfError?: ((error: unknown) => CallOutcome) | undefined
  /** Whether a result is a failure after all. One that throws counts as `ignored`. Default: no result is. */
  readonly isFailure?: ((result: unknown) => boolean) | undefined
  /** Whether async iterables and web streams that a call gives are watched to their end. Default true. */
  readonly watchesStreams?: boolean | undefined
  /** Whether rejections carry a stack trace, which is most of what they cost. Default false. */
  readonly hasRejectionStacks?: boolean | undefined
}

/** What a {@link CircuitBreaker} is made of. */
export interface CircuitBreakerOptions extends CircuitBreakerRules {
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Gets a span for each call. Default: none. */
  readonly tracer?: Tracer | undefined
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
}

const RULES = Object.freeze({
  failureThreshold: undefined,
  tripRules: [],
  recoveryTimeoutMs: 30_000,
  maxProbes: 1,
  successThreshold: undefined,
  rampsProbes: false,
  probeTimeoutMs: 60_000,
  outcomeOfError,
  isFailure: undefined,
  watchesStreams: true,
  hasRejectionStacks: false,
})

const DEFAULTS = Object.freeze({
  ...RULES,
  clock: systemClock,
  metrics: silentMetrics,
  logger: undefined,
  tracer: silentTracer,
})

const DEFAULT_FAILURE_THRESHOLD = 5

/** Options that were made here, so that nobody else can pass off unchecked ones as checked. */
const RESOLVED = new WeakMap<object, ResolvedCircuitBreakerOptions>()

/**
 * Checks the options and fills in the defaults; those that {@link resolvedWith} gave are taken as they are.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveCircuitBreakerOptions(options: CircuitBreakerOptions): ResolvedCircuitBreakerOptions {
  const known = RESOLVED.get(requireObject('options', options))
  if (known !== undefined) return known
  const { clock, metrics, logger, tracer, ...rules } = withDefaults<CircuitBreakerOptions, typeof DEFAULTS>(
    options,
    DEFAULTS,
  )
  return resolvedWith({
    ...checkedRules(rules),
    clock,
    instruments: metrics === silentMetrics ? undefined : new CircuitInstruments(metrics),
    logger: quietLogger(logger),
    tracer: tracer === silentTracer ? undefined : tracer,
    coordinator: undefined,
    listeners: undefined,
  })
}

/** Checked options as a breaker's constructor takes them: how a registry gives its breakers what they share. */
export function resolvedWith(options: ResolvedCircuitBreakerOptions): ResolvedCircuitBreakerOptions {
  const resolved = Object.freeze({ ...options })
  RESOLVED.set(resolved, resolved)
  return resolved
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
  return checkedRules(withDefaults<CircuitBreakerRules, typeof RULES>(rules, RULES))
}

function checkedRules(rules: WithDefaults<CircuitBreakerRules, typeof RULES>): ResolvedCircuitBreakerRules {
  const tripRules = requireTripRules(rules.tripRules)
  const failureThreshold =
    rules.failureThreshold ?? (tripRules.length > 0 ? undefined : DEFAULT_FAILURE_THRESHOLD)
  const maxProbes = requireInteger('maxProbes', rules.maxProbes, { min: 1, max: 1000 })
  const successThreshold = rules.successThreshold ?? maxProbes
  return {
    failureThreshold:
      failureThreshold === undefined
        ? Number.POSITIVE_INFINITY
        : requireInteger('failureThreshold', failureThreshold, { min: 1, max: 1_000_000 }),
    tripRules,
    recoveryTimeoutMs: requireMs('recoveryTimeoutMs', rules.recoveryTimeoutMs),
    maxProbes,
    successThreshold: requireInteger('successThreshold', successThreshold, { min: 1, max: 1000 }),
    rampsProbes: requireFlag('rampsProbes', rules.rampsProbes),
    probeTimeoutMs: requireMs('probeTimeoutMs', rules.probeTimeoutMs),
    outcomeOfError: requireFunction('outcomeOfError', rules.outcomeOfError),
    isFailure: rules.isFailure === undefined ? undefined : requireFunction('isFailure', rules.isFailure),
    watchesStreams: requireFlag('watchesStreams', rules.watchesStreams),
    hasRejectionStacks: requireFlag('hasRejectionStacks', rules.hasRejectionStacks),
  }
}

function requireMs(option: string, value: number): number {
  return requireInteger(option, value, { min: 1, max: MAX_TIMER_MS })
}

function requireTripRules(rules: readonly TripRule[]): readonly TripRule[] {
  const isList = Array.isArray(rules) && rules.length <= 16
  if (isList && rules.every((rule) => typeof rule?.name === 'string' && typeof rule.open === 'function')) {
    return [...rules]
  }
  throw new InvalidOptionError('tripRules', 'a list of up to 16 rules such as failureRate()', rules)
}
