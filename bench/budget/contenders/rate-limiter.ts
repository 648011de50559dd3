import { createPostgresSchema } from '@golden-arch/testkit'
import pg from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { type Contender, HELD_TOKENS, USED_TOKENS } from '../contender.ts'

/**
 * rate-limiter-flexible on PostgreSQL: points consumed for the hold, rewarded for what was not used. It knows no ids,
 * so a repeated call counts twice, and one key for each call, so there are no levels.
 */
export const rateLimiter: Contender = {
  name: '5 rate-limiter-flexible',
  shapes: ['one budget', '1000 budgets'],
  async open(services) {
    const { poolConfig, drop } = await createPostgresSchema(services.postgresAddress)
    const pool = new pg.Pool({ ...poolConfig, max: services.connections })
    const limiter = await new Promise<RateLimiterPostgres>((resolve, reject) => {
      const options = {
        storeClient: pool,
        storeType: 'pool',
        tableName: 'points',
        points: 2 ** 31 - 1,
        duration: 0,
      }
      const made = new RateLimiterPostgres(options, (error?: Error) =>
        error ? reject(error) : resolve(made),
      )
    })
    return {
      async hold(_requestId, budget) {
        await limiter.consume(`b${budget}`, HELD_TOKENS)
      },
      async commit(_requestId, budget) {
        await limiter.reward(`b${budget}`, HELD_TOKENS - USED_TOKENS)
      },
      async usedTokens() {
        const { rows } = await pool.query<{ used: string }>('SELECT sum(points) AS used FROM points')
        return Number(rows[0]?.used)
      },
      close: () => pool.end(),
      remove: drop,
    }
  },
}
