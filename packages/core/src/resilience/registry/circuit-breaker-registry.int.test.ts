import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeWithService, randomName } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import { RedisCircuitStore } from '../adapters/redis/redis-circuit-store.ts'
import { bulkhead } from '../bulkhead/bulkhead.ts'
import { compose } from '../compose.ts'
import { retry } from '../retry/retry.ts'
import { RetryBudget } from '../retry/retry-budget.ts'
import { MemoryCircuitPersistence } from '../testing/memory-circuit-persistence.ts'
import { order } from '../testing/order.ts'
import { timeout } from '../timeout/timeout.ts'
import { CircuitBreakerRegistry } from './circuit-breaker-registry.ts'

/** A service that can be told to fail. */
async function startService() {
  const service = { isDown: true, calls: 0, url: '' }
  const server = createServer((_request, response) => {
    service.calls++
    response.writeHead(service.isDown ? 503 : 200, { 'retry-after': '0' }).end('answer')
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  // Safe: a server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo
  service.url = `http://127.0.0.1:${port}`
  onTestFinished(() => void server.close())
  return service
}

describeWithService('redis', 'a composed policy around fetch, shared by two processes', (address) => {
  it('opens for both when one has seen five failures, and for both closes again', async () => {
    const keyPrefix = randomName('circuit')
    const persistence = new MemoryCircuitPersistence()
    const service = await startService()
    const open = async () => {
      const redis = new Redis(address)
      const shared = new RedisCircuitStore({ redis, keyPrefix })
      const rules = { failureThreshold: 5, recoveryTimeoutMs: 300 }
      const registry = new CircuitBreakerRegistry({ ...rules, shared, persistence })
      await registry.start()
      onTestFinished(async () => {
        await registry.close()
        redis.disconnect()
      })
      const breaker = registry.get('openai')
      const policy = compose(
        bulkhead({ maxConcurrent: 20 }),
        retry({
          maxAttempts: 3,
          budget: new RetryBudget(),
          isIdempotent: true,
          backoff: { initialDelayMs: 1 },
        }),
        breaker,
        timeout({ timeoutMs: 30_000 }),
      )
      const { signal } = new AbortController()
      const ask = () =>
        policy.execute(
          async (inner) => {
            const response = await fetch(service.url, { signal: inner })
            if (!response.ok) throw response
            return response.text()
          },
          { signal },
        )
      return { registry, breaker, ask }
    }
    const [one, other] = [await open(), await open()]
    await expect(one.ask()).rejects.toMatchObject({ status: 503 })
    await expect(one.ask()).rejects.toBeDefined()
    expect(service.calls).toBe(5)
    await vi.waitFor(() => expect(other.breaker.state.status).not.toBe('closed'), { timeout: 10_000 })
    service.isDown = false
    const answers = vi.waitFor(
      async () => {
        expect(await other.ask()).toBe('answer')
        expect([one.breaker.state.status, other.breaker.state.status]).toEqual(['closed', 'closed'])
      },
      { timeout: 20_000, interval: 50 },
    )
    await answers
    expect(await one.ask()).toBe('answer')
  })

  it('an order on a pattern in one process holds what the other makes later, until either lifts it', async () => {
    const keyPrefix = randomName('circuit')
    const registries = await Promise.all(
      [1, 2].map(async () => {
        const redis = new Redis(address)
        const registry = new CircuitBreakerRegistry({ shared: new RedisCircuitStore({ redis, keyPrefix }) })
        await registry.start()
        onTestFinished(async () => {
          await registry.close()
          redis.disconnect()
        })
        return registry
      }),
    )
    const [one, other] = registries
    if (one === undefined || other === undefined) throw new Error('not reached')
    const statusOf = (registry: CircuitBreakerRegistry, name: string): string =>
      registry.get(name).state.status
    one.forceOpen('openai/*', order('incident 12'))
    let made = 0
    await vi.waitFor(() => expect(statusOf(other, `openai/${made++}`)).toBe('forced-open'), {
      timeout: 10_000,
    })
    other.reset('openai/*')
    await vi.waitFor(() => expect(statusOf(one, `openai/later-${made++}`)).toBe('closed'), {
      timeout: 10_000,
    })
  })
})
