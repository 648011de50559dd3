import { expect, it } from 'vitest'
import { Health } from './health.ts'

const up = async (): Promise<string> => 'here'
const down = async (): Promise<never> => {
  throw new Error('gone')
}

it.each([
  ['all is well', up, up, up, 'healthy', 'healthy', 'healthy', 'healthy', true],
  ['Redis is down', up, down, up, 'degraded', 'healthy', 'unhealthy', 'healthy', true],
  ['NATS is down', up, up, down, 'degraded', 'healthy', 'healthy', 'unhealthy', true],
  ['the database is down', down, up, up, 'unhealthy', 'unhealthy', 'healthy', 'healthy', false],
  ['all is embedded', up, undefined, undefined, 'healthy', 'healthy', 'embedded', 'embedded', true],
])('health when %s', async (_when, database, redis, nats, status, databaseIs, redisIs, natsIs, isReady) => {
  const health = new Health({ database, redis, nats })
  expect(await health.report()).toEqual({
    status,
    components: { api: 'healthy', database: databaseIs, redis: redisIs, nats: natsIs },
  })
  expect(await health.isReady()).toBe(isReady)
})

it('a server that stops is not ready, though all is well', async () => {
  const health = new Health({ database: up })
  health.startStopping()
  expect(await health.isReady()).toBe(false)
  expect(await health.report()).toMatchObject({ status: 'healthy' })
})

it('a server that begins to stop while it is asked is not ready', async () => {
  const health = new Health({ database: up })
  const asked = health.isReady()
  health.startStopping()
  expect(await asked).toBe(false)
})

it('a server is ready when each of its services is, and one that cannot tell is not', async () => {
  const answers = [true, true]
  const health = new Health({ database: up })
  for (const index of answers.keys()) health.addService(async () => answers[index] ?? false)
  expect(await health.isReady()).toBe(true)
  answers[1] = false
  expect(await health.isReady()).toBe(false)
  answers[1] = true
  health.addService(down)
  expect(await health.isReady()).toBe(false)
})
