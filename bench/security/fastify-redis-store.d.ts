/** The store of a package that tells no types of it: what its sources take. */
declare module '@fastify/rate-limit/store/RedisStore.js' {
  import type { Redis } from 'ioredis'

  export default class RedisStore {
    constructor(continueExceeding: boolean, exponentialBackoff: boolean, redis: Redis, keyPrefix: string)
    incr(
      key: string,
      callback: (error: Error | null, result: { readonly current: number } | null) => void,
      windowMs: number,
      limit: number,
    ): void
  }
}
