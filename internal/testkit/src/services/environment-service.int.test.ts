import { afterEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../server/free-port.ts'
import { describeWithService } from '../vitest/describe-with-service.ts'
import { findEnvironmentService } from './environment-service.ts'
import { provideService } from './provide-service.ts'
import { askRedisVersion } from './redis-recipe.ts'

afterEach(() => vi.unstubAllEnvs())

describeWithService('redis', 'a service that the environment names', (address) => {
  test('is used, and not stopped when it is given back', async () => {
    vi.stubEnv('TEST_REDIS_URL', address)
    vi.stubEnv('TESTKIT_WAYS', undefined)
    const { service, release } = await provideService('redis')
    expect(service).toMatchObject({ address, how: 'environment' })
    expect(service).not.toHaveProperty('stop')
    await release()
    expect(await askRedisVersion(address)).toBe(service.version)
  })

  test('is refused when it is of another kind', async () => {
    const search = findEnvironmentService('postgres', { TEST_DATABASE_URL: address })
    await expect(search).rejects.toThrow('TEST_DATABASE_URL: the address must start with postgres://')
  })
})

describe('an address in the environment', () => {
  test('that nobody answers is refused with its variable, rather than replaced', async () => {
    const dead = `redis://127.0.0.1:${await freePort()}`
    const search = findEnvironmentService('redis', { TEST_REDIS_URL: dead })
    await expect(search).rejects.toThrow(/^no redis: environment: TEST_REDIS_URL: .*ECONNREFUSED/)
  })

  test('that is unset or empty leads nowhere', async () => {
    expect(await findEnvironmentService('nats', {})).toBeUndefined()
    expect(await findEnvironmentService('nats', { TEST_NATS_URL: '' })).toBeUndefined()
  })
})
