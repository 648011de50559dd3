import { Redis } from 'ioredis'
import { budgetCount, type Contender, HELD_TOKENS, LIMIT_TOKENS, USED_TOKENS } from '../contender.ts'

const HOLD = `
  for i = 2, #KEYS do
    local b = redis.call('HMGET', KEYS[i], 'lim', 'used', 'reserved')
    if tonumber(b[1]) - tonumber(b[2]) - tonumber(b[3]) < tonumber(ARGV[1]) then return 0 end
  end
  if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', 86400) == false then return 2 end
  for i = 2, #KEYS do redis.call('HINCRBY', KEYS[i], 'reserved', ARGV[1]) end
  return 1`
const COMMIT = `
  local held = redis.call('GET', KEYS[1])
  if not held or held == 'done' then return 0 end
  redis.call('SET', KEYS[1], 'done', 'KEEPTTL')
  for i = 2, #KEYS do
    redis.call('HINCRBY', KEYS[i], 'reserved', -held)
    redis.call('HINCRBY', KEYS[i], 'used', ARGV[1])
  end
  return 1`

interface ScriptedRedis extends Redis {
  hold(keyCount: number, ...keysAndValues: (string | number)[]): Promise<number>
  commit(keyCount: number, ...keysAndValues: (string | number)[]): Promise<number>
}

/** A Lua script for each call, in a Redis with appendonly everysec: a loss of power takes the last second. */
export const redisScript: Contender = {
  name: '4 Redis script',
  shapes: ['one budget', '1000 budgets', '4 levels'],
  async open(services, shape) {
    const levels = shape === '4 levels' ? 4 : 1
    const client = new Redis(services.redisAddress, { enableAutoPipelining: true })
    await client.flushdb()
    client.defineCommand('hold', { lua: HOLD })
    client.defineCommand('commit', { lua: COMMIT })
    // The two commands that were defined just now.
    const redis = client as ScriptedRedis
    const paths = Array.from({ length: budgetCount(shape) }, (_, budget) =>
      Array.from({ length: levels }, (_, level) => `b:${budget}:${level}`),
    )
    for (const key of paths.flat()) await redis.hset(key, { lim: LIMIT_TOKENS, used: 0, reserved: 0 })
    return {
      async hold(requestId, budget) {
        const answer = await redis.hold(1 + levels, `r:${requestId}`, ...(paths[budget] ?? []), HELD_TOKENS)
        if (answer !== 1) throw new Error('denied')
      },
      async commit(requestId, budget) {
        const answer = await redis.commit(1 + levels, `r:${requestId}`, ...(paths[budget] ?? []), USED_TOKENS)
        if (answer !== 1) throw new Error('not held')
      },
      async usedTokens() {
        const used = await Promise.all(paths.flat().map((key) => redis.hget(key, 'used')))
        return used.reduce((sum, one) => sum + Number(one), 0) / levels
      },
      async close() {
        await redis.flushdb()
        redis.disconnect()
      },
      remove: async () => undefined,
    }
  },
}
