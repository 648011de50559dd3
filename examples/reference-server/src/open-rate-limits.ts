import type { Logger, Metrics } from '@golden-arch/core/observability'
import {
  GuardedRateLimiter,
  MemoryRateLimiter,
  type RateLimiter,
  RedisRateLimiter,
  trustProxies,
} from '@golden-arch/core/security'
import type { Redis } from 'ioredis'
import type { Configuration } from './configuration.ts'
import { type RequestLimits, roleLimits } from './http/access/request-limits.ts'

/** The limits of calls as the configuration says: shared in Redis where there is one, else of this process alone. */
export function openRateLimits(
  configuration: Pick<
    Configuration,
    'TRUSTED_PROXIES' | 'RATE_LIMITS' | 'RATE_LIMIT_INSTANCES' | 'REDIS_PREFIX'
  >,
  redis: Redis | undefined,
  watch: { readonly logger: Logger; readonly metrics: Metrics },
): RequestLimits {
  const limiter: RateLimiter =
    redis === undefined
      ? new MemoryRateLimiter()
      : new GuardedRateLimiter({
          shared: new RedisRateLimiter({ redis, keyPrefix: `${configuration.REDIS_PREFIX}rl:` }),
          instances: configuration.RATE_LIMIT_INSTANCES ?? 1,
          ...watch,
        })
  return roleLimits({
    limiter,
    trustedProxies: trustProxies(configuration.TRUSTED_PROXIES),
    callsPerMinute: configuration.RATE_LIMITS,
    metrics: watch.metrics,
  })
}
