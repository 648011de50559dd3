import FastifyRedisStore from '@fastify/rate-limit/store/RedisStore.js'
import { GuardedRateLimiter, RedisRateLimiter } from '@golden-arch/core/security'
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'

/** Asks for one call of a key; whether it is admitted. */
export type Consume = (key: string) => Promise<boolean>

/** One way to limit calls through Redis. */
export interface LimiterContender {
  readonly name: string
  /** The most that it admits in any window, as a multiple of the limit and what is added to it. */
  readonly most: string
  open(redis: Redis, keyPrefix: string, limit: number): Consume
}

const WINDOW_MS = 60_000
/** More processes than there are: a share of the limit that is not used here. */
const INSTANCES = 3

/** The contenders; the first is what the others are compared with. */
export const LIMITER_CONTENDERS: readonly LimiterContender[] = [
  {
    name: 'rate-limiter-flexible',
    most: '2N − 1',
    open: (redis, keyPrefix, limit) => {
      const limiter = new RateLimiterRedis({ ...flexible(redis, keyPrefix, limit) })
      return (key) => admitted(limiter.consume(key))
    },
  },
  {
    name: 'rate-limiter-flexible, block and insurance',
    most: '2N − 1',
    open: (redis, keyPrefix, limit) => {
      const insuranceLimiter = new RateLimiterMemory({ points: limit, duration: WINDOW_MS / 1000 })
      const blocked = { inMemoryBlockOnConsumed: limit, insuranceLimiter, rejectIfRedisNotReady: true }
      const limiter = new RateLimiterRedis({ ...flexible(redis, keyPrefix, limit), ...blocked })
      return (key) => admitted(limiter.consume(key))
    },
  },
  {
    name: '@fastify/rate-limit, store',
    most: '2N − 1',
    open: (redis, keyPrefix, limit) => {
      const store = new FastifyRedisStore(false, false, redis, keyPrefix)
      return (key) =>
        new Promise((resolve, reject) => {
          const told = (error: Error | null, result: { readonly current: number } | null): void =>
            error === null && result !== null ? resolve(result.current <= limit) : reject(error)
          store.incr(key, told, WINDOW_MS, limit)
        })
    },
  },
  {
    name: 'golden-arch, sliding log',
    most: 'N',
    open: (redis, keyPrefix, limit) => ours(new RedisRateLimiter({ redis, keyPrefix, ...PATIENT }), limit),
  },
  {
    name: 'golden-arch, sliding log, guarded',
    most: 'N',
    open: (redis, keyPrefix, limit) => {
      const shared = new RedisRateLimiter({ redis, keyPrefix, ...PATIENT })
      return ours(new GuardedRateLimiter({ shared, instances: INSTANCES }), limit)
    },
  },
  {
    name: 'golden-arch, gcra',
    most: '2N − 1',
    open: (redis, keyPrefix, limit) =>
      ours(new RedisRateLimiter({ redis, keyPrefix, algorithm: 'gcra', ...PATIENT }), limit),
  },
]

/** A busy machine must not turn a measurement into an outage. */
const PATIENT = { commandTimeoutMs: 60_000 }

function flexible(storeClient: Redis, keyPrefix: string, points: number) {
  return { storeClient, keyPrefix, points, duration: WINDOW_MS / 1000 }
}

/** It rejects with the state of the key where a call is denied, and with an error where something failed. */
async function admitted(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer
    return true
  } catch (reason) {
    if (reason instanceof Error) throw reason
    return false
  }
}

function ours(limiter: Pick<RedisRateLimiter, 'consume'>, count: number): Consume {
  const limit = Object.freeze({ name: 'bench', limit: count, windowMs: WINDOW_MS })
  return async (key) => (await limiter.consume(key, limit)).allowed
}
