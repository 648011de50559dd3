import { join } from 'node:path'
import type { Programs } from '../programs/programs.ts'
import { askOverTcp } from '../server/ask-over-tcp.ts'
import type { ServerRecipe } from '../server/private-server.ts'

/** The address of a Redis of ours. */
export function redisAddress(port: number, password: string): string {
  return `redis://:${password}@127.0.0.1:${port}/0`
}

/** How a Redis of ours runs. */
export interface RedisSettings {
  /** Whether it waits for the disk; otherwise a machine without power loses the last second. */
  readonly fsync: boolean
  readonly password: string
}

/** Redis with its append-only file, so that what was answered is there after a kill. */
export function redisRecipe(programs: Programs, { fsync, password }: RedisSettings): ServerRecipe {
  return {
    name: 'redis',
    file: join(programs.folder, 'redis-server'),
    libraryPath: programs.libraryPath,
    argumentsFor(folder, port) {
      const lines = [
        'bind 127.0.0.1',
        `port ${port}`,
        `dir "${folder.dataPath}"`,
        `requirepass ${password}`,
        'appendonly yes',
        `appendfsync ${fsync ? 'always' : 'everysec'}`,
        'save ""',
      ]
      return [folder.writePrivateFile('redis.conf', `${lines.join('\n')}\n`)]
    },
    askVersion: (port) => askRedisVersion(redisAddress(port, password)),
  }
}

/** The version of the Redis at an address, such as `7.0.15`. */
export async function askRedisVersion(address: string): Promise<string> {
  const url = new URL(address)
  if (url.protocol !== 'redis:')
    throw new Error(`the address must start with redis://, not ${url.protocol}//`)
  const words = [decodeURIComponent(url.username), decodeURIComponent(url.password)].filter(Boolean)
  const login = url.password === '' ? '' : command(['AUTH', ...words])
  const at = { host: url.hostname, port: Number(url.port || 6379) }
  const match = await askOverTcp(
    at,
    `${login}${command(['INFO', 'server'])}`,
    /redis_version:([\d.]+)\r|^-.*\r/m,
  )
  if (match[1] === undefined) throw new Error(`Redis answered ${match[0].trim()}`)
  return match[1]
}

function command(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}
