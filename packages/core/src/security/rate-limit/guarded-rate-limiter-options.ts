import { type Complete, requireInteger, requireMethods, withDefaults } from '../../errors/index.ts'
import { type Logger, type Metrics, silentLogger, silentMetrics } from '../../observability/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import type { RateLimiter } from './rate-limiter.ts'

/** What a {@link GuardedRateLimiter} is made of. */
export interface GuardedRateLimiterOptions {
  /** The limiter that the processes share. It has to end every call by itself, as `RedisRateLimiter` does. */
  readonly shared: RateLimiter
  /** Processes that share it at most, 1 to 10000: a limit is split among so many while it does not answer. */
  readonly instances: number
  /**
   * The number of this process among them, from 0, each given once. With it what a limit leaves when split is spread over
   * the first processes; without it, it is left unused. Default: none.
   */
  readonly instanceIndex?: number | undefined
  /** Failures in a row after which calls no longer wait for an answer, 1 to 1000. Default 3. */
  readonly failureThreshold?: number | undefined
  /** Milliseconds between probes while it does not answer, 10 to 60000. Default 1000 (one second). */
  readonly probeIntervalMs?: number | undefined
  /** Keys remembered of calls admitted, and as many of denials, 1 to 1000000. Default 10000. */
  readonly maxKeys?: number | undefined
  /** Told of each loss and return. Default: none. */
  readonly logger?: Logger | undefined
  /** Counts `limiter_degraded`. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Where time comes from; only its monotonic side is used. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** {@link GuardedRateLimiterOptions} that may be relied on. */
export type ResolvedGuardedRateLimiterOptions = Complete<GuardedRateLimiterOptions, 'instanceIndex'>

/** The defaults of {@link GuardedRateLimiterOptions}. */
const DEFAULT_GUARDED_RATE_LIMITER_OPTIONS = Object.freeze({
  shared: undefined,
  instances: undefined,
  instanceIndex: undefined,
  failureThreshold: 3,
  probeIntervalMs: 1000,
  maxKeys: 10_000,
  logger: silentLogger,
  metrics: silentMetrics,
  clock: systemClock,
})

/** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
export function resolveGuardedRateLimiterOptions(
  options: GuardedRateLimiterOptions,
): ResolvedGuardedRateLimiterOptions {
  const given = withDefaults(options, DEFAULT_GUARDED_RATE_LIMITER_OPTIONS)
  requireMethods('shared', given.shared, ['consume'])
  const instances = requireInteger('instances', given.instances, { min: 1, max: 10_000 })
  const { instanceIndex } = given
  if (instanceIndex !== undefined) requireInteger('instanceIndex', instanceIndex, { max: instances - 1 })
  requireInteger('failureThreshold', given.failureThreshold, { min: 1, max: 1000 })
  requireInteger('probeIntervalMs', given.probeIntervalMs, { min: 10, max: 60_000 })
  requireInteger('maxKeys', given.maxKeys, { min: 1, max: 1_000_000 })
  return given
}
