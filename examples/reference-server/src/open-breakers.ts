import type { Logger, Metrics } from '@golden-arch/core/observability'
import {
  CircuitBreakerRegistry,
  type CircuitRedis,
  type CircuitStore,
  RedisCircuitStore,
  SqlCircuitPersistence,
  SqlCircuitStore,
} from '@golden-arch/core/resilience'
import type { SqlDatabase } from '@golden-arch/core/storage'

/** What circuit breakers are made with. */
export interface BreakersOptions {
  readonly database: SqlDatabase
  /** Whether no other process can have the database open: then there is nobody to share circuits with. */
  readonly isExclusive: boolean
  /** Where processes agree, if it is there; else in the database, a second later. */
  readonly redis: CircuitRedis | undefined
  /** Put before the names of all keys there. */
  readonly redisPrefix: string
  readonly logger: Logger
  readonly metrics: Metrics
}

/** The circuit breakers of this process, not started: what a person orders at one process reaches all. */
export function openBreakers(options: BreakersOptions): CircuitBreakerRegistry {
  const { database, logger, metrics } = options
  const shared = storeOf(options)
  return new CircuitBreakerRegistry({
    ...(shared === undefined ? {} : { shared }),
    persistence: new SqlCircuitPersistence({ database }),
    logger,
    metrics,
  })
}

function storeOf({ database, isExclusive, redis, redisPrefix }: BreakersOptions): CircuitStore | undefined {
  if (redis !== undefined) return new RedisCircuitStore({ redis, keyPrefix: `${redisPrefix}circuit` })
  return isExclusive ? undefined : new SqlCircuitStore({ database })
}
