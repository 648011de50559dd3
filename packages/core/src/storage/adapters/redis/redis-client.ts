/** The subset of ioredis (5 and 6) that we need: a `Redis` fits as it is. */
export interface RedisClient {
  /** `ready` when a command would be sent at once, `wait` before a lazy connection, `end` after the last one. */
  readonly status: string
  call(command: string, ...args: string[]): Promise<unknown>
  connect(): Promise<unknown>
  once(event: 'ready' | 'end', listener: () => void): unknown
  removeListener(event: 'ready' | 'end', listener: () => void): unknown
}
