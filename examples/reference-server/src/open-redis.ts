import type { Logger } from '@golden-arch/core/observability'
import { Redis } from 'ioredis'

/** A client of the Redis at `url` that never keeps a call waiting for a connection. */
export function openRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: 2000,
    connectionName: 'golden-architecture',
  })
  let isTold = false
  redis.on('error', (error) => {
    if (!isTold) logger.warn({ err: error }, 'Redis does not answer')
    isTold = true
  })
  redis.on('ready', () => {
    isTold = false
  })
  return redis
}
