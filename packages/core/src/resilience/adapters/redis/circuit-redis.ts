import type { RedisClient } from '../../../storage/index.ts'

/** The subset of an ioredis connection that hears of changes. */
export interface CircuitRedisSubscriber {
  /** `ready` when a command would be sent at once. */
  readonly status: string
  subscribe(channel: string): Promise<unknown>
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  on(event: 'ready' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  disconnect(): void
}

/** The subset of ioredis (5 and 6) that we need: a `Redis` fits as it is. */
export interface CircuitRedis extends RedisClient {
  /** A connection of its own with the same settings, save those given. */
  duplicate(override: CircuitRedisOverride): CircuitRedisSubscriber
}

/** The settings in which the connection that hears of changes differs. */
export interface CircuitRedisOverride {
  readonly autoResubscribe: boolean
  readonly enableOfflineQueue: boolean
  readonly keepAlive: number
  readonly lazyConnect: boolean
}
