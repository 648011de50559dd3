import { randomBytes } from 'node:crypto'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import type { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import { describeWithService, randomName } from '@golden-arch/testkit'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBreakers } from './open-breakers.ts'
import { openRedis } from './open-redis.ts'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from './testing/assembled-server.ts'
import { openServerDatabase } from './testing/server-database.ts'

const SLOW_MACHINE = { timeout: 110_000 }
/** One for all, so that the same user bears the same name in what is counted. */
const JWT_SECRET = randomBytes(32).toString('base64')

describeWithService('redis', 'systems that share one Redis', (url) => {
  const [one, other] = ['one', 'other'].map((name) => `${randomName(name)}:`) as [string, string]
  const closers: (() => Promise<unknown>)[] = []
  let redis: Redis

  beforeAll(async () => {
    redis = openRedis(url, silentLogger)
    closers.push(async () => redis.disconnect())
    await new Promise<void>((resolve) => redis.once('ready', () => resolve()))
  })
  afterAll(async () => {
    for (const close of closers.toReversed()) await close()
  })

  /** The breakers of a process of the system of that prefix, with a database of its own. */
  async function startBreakers(redisPrefix: string): Promise<CircuitBreakerRegistry> {
    const database = await openServerDatabase()
    const sinks = { logger: silentLogger, metrics: silentMetrics }
    const registry = openBreakers({ database, isExclusive: false, redis, redisPrefix, ...sinks })
    await registry.start()
    closers.push(
      () => database.close(),
      () => registry.close(),
    )
    return registry
  }

  async function startServer(redisPrefix: string): Promise<AssembledServer> {
    const environment = { JWT_SECRET, REDIS_PREFIX: redisPrefix }
    const server = await startAssembledServer({ environment, redis })
    closers.push(() => server.stop())
    return server
  }

  /** The keys of a prefix, without it. */
  async function keysOf(prefix: string): Promise<readonly string[]> {
    const keys = await redis.keys(`*${prefix}*`)
    return keys.map((key) => key.replace(prefix, '')).toSorted()
  }

  it(
    'have what they count of calls and tries to sign in, and their circuits, each below its own prefix',
    async () => {
      for (const prefix of [one, other]) {
        const server = await startServer(prefix)
        const token = await server.tokenOf('observer')
        await server.call('GET', '/api/v1/tasks', { token })
        const body = { username: 'operator@acme', password: 'wrong' }
        expect((await server.call('POST', '/api/v1/auth/login', { body })).status).toBe(401)
        const breakers = await startBreakers(prefix)
        breakers.get('model')
        breakers.forceOpen('model', { actor: { id: 'ada', kind: 'human' }, reason: 'incident 12' })
        const kinds = async (): Promise<unknown> =>
          [...new Set((await keysOf(prefix)).map((key) => key.match(/^rl:|^{[a-z-]+}:/)?.[0]))].toSorted()
        await expect.poll(kinds, SLOW_MACHINE).toEqual(['rl:', '{circuit}:', '{sign-in}:'])
      }
    },
    SLOW_START_MS,
  )

  it(
    'by one prefix are one system, and nothing of it reaches another',
    async () => {
      const [first, second, foreign] = [
        await startBreakers(one),
        await startBreakers(one),
        await startBreakers(other),
      ]
      for (const registry of [first, second, foreign]) registry.get('tool')
      first.forceOpen('tool', { actor: { id: 'ada', kind: 'human' }, reason: 'incident 13' })
      await expect.poll(() => second.get('tool').state.status, SLOW_MACHINE).toBe('forced-open')
      expect(foreign.get('tool').state.status).toBe('closed')
    },
    SLOW_START_MS,
  )
})
