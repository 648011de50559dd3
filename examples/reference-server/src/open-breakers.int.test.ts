import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import type { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import type { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBreakers } from './open-breakers.ts'
import { openRedis } from './open-redis.ts'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from './testing/assembled-server.ts'

const SLOW_MACHINE = { timeout: 110_000 }

describeWithService('postgres', 'circuit breakers of several processes', (address) => {
  let server: AssembledServer
  let database: PgDatabase
  let admin = ''
  const closers: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    const schema = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...schema.poolConfig, max: 8 })
    closers.push(
      () => schema.drop(),
      () => pool.end(),
    )
    database = new PgDatabase({ pool })
    await new Migrator({ database, migrations: await readMigrationFolder('migrations') }).up()
    const breakers = await startBreakers(undefined)
    server = await startAssembledServer({ database, breakers })
    closers.push(() => server.stop())
    admin = await server.tokenOf('admin')
  }, SLOW_START_MS)
  afterAll(async () => {
    for (const close of closers.toReversed()) await close()
  })

  /** The breakers of one more process. */
  async function startBreakers(redis: Redis | undefined): Promise<CircuitBreakerRegistry> {
    const sinks = { logger: silentLogger, metrics: silentMetrics }
    const registry = openBreakers({ database, isExclusive: false, redis, redisPrefix: '', ...sinks })
    await registry.start()
    closers.push(() => registry.close())
    return registry
  }

  it('a reset at the gateway closes the circuit of a process that shares the database alone', async () => {
    const runtime = await startBreakers(undefined)
    const model = runtime.define('model', { failureThreshold: 1, recoveryTimeoutMs: 600_000 })
    await model.execute(() => Promise.reject(new Error('down'))).catch(() => undefined)
    const listed = async (): Promise<unknown> =>
      (await server.call('GET', '/api/v1/circuit-breakers?pattern=model', { token: admin })).body?.breakers
    await expect.poll(listed, SLOW_MACHINE).toMatchObject([{ name: 'model', state: 'open' }])
    const { status } = await server.call('POST', '/api/v1/circuit-breakers/model/reset', { token: admin })
    expect(status).toBe(200)
    await expect.poll(() => model.state.status, SLOW_MACHINE).toBe('closed')
  })

  it('a hold at the gateway reaches a process that has the circuit closed, and is lifted there', async () => {
    const runtime = await startBreakers(undefined)
    const tool = runtime.get('tool')
    const held = await server.call('POST', '/api/v1/circuit-breakers/too*/force', {
      token: admin,
      body: { state: 'open' },
    })
    expect(held.status).toBe(200)
    await expect.poll(() => tool.state.status, SLOW_MACHINE).toBe('forced-open')
    await server.call('POST', '/api/v1/circuit-breakers/reset_all', { token: admin })
    await expect.poll(() => tool.state.status, SLOW_MACHINE).toBe('closed')
  })

  describeWithService('redis', 'with Redis', (url) => {
    it('agree by it', async () => {
      const registries: CircuitBreakerRegistry[] = []
      for (let index = 0; index < 2; index++) {
        const redis = openRedis(url, silentLogger)
        closers.push(async () => redis.disconnect())
        await new Promise<void>((resolve) => redis.once('ready', () => resolve()))
        registries.push(await startBreakers(redis))
      }
      const [one, other] = registries as [CircuitBreakerRegistry, CircuitBreakerRegistry]
      one.get('shared')
      one.forceOpen('shared', { actor: { id: 'ada', kind: 'human' }, reason: 'incident 12' })
      await expect.poll(() => other.get('shared').state.status, SLOW_MACHINE).toBe('forced-open')
      other.reset('shared')
      await expect.poll(() => one.get('shared').state.status, SLOW_MACHINE).toBe('closed')
    })
  })
})
