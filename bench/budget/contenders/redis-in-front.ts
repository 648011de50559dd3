import { randomName } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import type { Contender } from '../contender.ts'
import { openPlainTables } from '../plain-tables.ts'
import { commitByStatement, holdByStatement } from './one-statement.ts'

const KEPT_SECONDS = 300

/** The one statement, with duplicates told apart in Redis before it: SET NX, then the answer kept for five minutes. */
export const redisInFront: Contender = {
  name: '3 Redis before 2',
  shapes: ['one budget', '1000 budgets', '4 levels'],
  async open(services, shape) {
    const tables = await openPlainTables(services, shape)
    const redis = new Redis(services.redisAddress, { enableAutoPipelining: true })
    const prefix = randomName('bench')
    const once = async (key: string, run: () => Promise<void>): Promise<void> => {
      const isFirst = await redis.set(`${prefix}:${key}`, 'pending', 'EX', KEPT_SECONDS, 'NX')
      if (isFirst !== 'OK') throw new Error('a duplicate')
      await run()
      await redis.set(`${prefix}:${key}`, 'done', 'EX', KEPT_SECONDS)
    }
    return {
      hold: (requestId, budget) =>
        once(`hold:${requestId}`, () => holdByStatement(tables, requestId, budget)),
      commit: (requestId, budget) =>
        once(`commit:${requestId}`, () => commitByStatement(tables, requestId, budget)),
      usedTokens: tables.usedTokens,
      async close() {
        await tables.close()
        await redis.flushdb()
        redis.disconnect()
      },
      remove: tables.remove,
    }
  },
}
