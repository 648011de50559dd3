import type { Redis } from 'ioredis'
import { addressMissing } from '../surroundings/addresses.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { loadClient } from './load-client.ts'
import { unreachable } from './unreachable.ts'

const TIMEOUT_MS = 5000

/**
 * Runs `work` with the Redis that is configured, and closes it. Nothing is tried a second time.
 * @throws CliError `ADDRESS_MISSING`, `CLIENT_MISSING`, `DEPENDENCY_UNREACHABLE`; what `work` throws.
 */
export async function withRedis<T>(context: CommandContext, work: (redis: Redis) => Promise<T>): Promise<T> {
  const address = await context.addressOf('redis')
  if (address === undefined) throw addressMissing('redis')
  const client = await loadClient<{ Redis: typeof Redis }>('ioredis', context.folder)
  context.terminal.progress('connecting to Redis')
  const redis = new client.Redis(address, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectionName: 'golden-arch',
  })
  // The innermost reason comes as an event; the rejection only says that the connection is closed.
  let reason: unknown
  redis.on('error', (error) => {
    reason ??= error
  })
  try {
    await redis.connect().catch((error: unknown) => {
      throw unreachable('redis', address, reason ?? error)
    })
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}
