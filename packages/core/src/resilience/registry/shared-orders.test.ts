import Opossum from 'opossum'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { fromOpossum } from '../adapters/opossum/from-opossum.ts'
import type { ResilienceError } from '../resilience-error.ts'
import { MemoryCircuitPersistence } from '../testing/memory-circuit-persistence.ts'
import { MemoryCircuitStore } from '../testing/memory-circuit-store.ts'
import { order } from '../testing/order.ts'
import { CircuitBreakerRegistry } from './circuit-breaker-registry.ts'
import type { CircuitBreakerRegistryOptions } from './circuit-breaker-registry-options.ts'

describe('an order of a person in one of several processes', () => {
  let clock: FakeClock
  let shared: MemoryCircuitStore
  let persistence: MemoryCircuitPersistence
  let registries: CircuitBreakerRegistry[]
  beforeEach(() => {
    clock = new FakeClock()
    shared = new MemoryCircuitStore({ clock })
    persistence = new MemoryCircuitPersistence()
    registries = []
  })
  afterEach(async () => {
    await Promise.all(registries.map((registry) => registry.close()))
    expect(clock.pendingCount).toBe(0)
  })

  const start = async (options: CircuitBreakerRegistryOptions = {}): Promise<CircuitBreakerRegistry> => {
    const registry = new CircuitBreakerRegistry({
      clock,
      shared,
      persistence,
      failureThreshold: 1,
      ...options,
    })
    registries.push(registry)
    void registry.start()
    await clock.advance(0)
    return registry
  }
  const trip = async (registry: CircuitBreakerRegistry, name: string): Promise<void> => {
    const error = await registry
      .get(name)
      .execute(() => Promise.reject(new Error('down')))
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: 'down' })
    await clock.advance(0)
  }
  const settle = (): Promise<void> => clock.advance(1)
  const status = (registry: CircuitBreakerRegistry, name: string): string => registry.get(name).state.status

  it('that resets what is closed there closes what another process had opened for itself alone', async () => {
    const [a, b] = [await start({ sharing: { quorum: 2 } }), await start({ sharing: { quorum: 2 } })]
    await trip(a, 'x')
    expect([status(a, 'x'), status(b, 'x')]).toEqual(['open', 'closed'])
    b.reset('x')
    await settle()
    expect([status(a, 'x'), status(b, 'x')]).toEqual(['closed', 'closed'])
    await trip(b, 'x')
    expect(status(a, 'x')).toBe('closed')
  })

  it('reaches circuits that only others have, and says how many', async () => {
    const [a, b] = [await start(), await start()]
    for (const name of ['x', 'y/1', 'y/2']) await trip(a, name)
    await settle()
    expect(b.size).toBe(0)
    expect(b.forceClose('x', order('known to be well'))).toBe(1)
    expect(b.reset('y/*')).toBe(2)
    await settle()
    expect(a.get('x').state).toMatchObject({ status: 'forced-closed', reason: 'known to be well' })
    expect([status(a, 'y/1'), status(a, 'y/2')]).toEqual(['closed', 'closed'])
    expect(b.resetAll()).toBe(1)
    await settle()
    expect(status(a, 'x')).toBe('closed')
    expect(() => b.reset('x')).toThrow(
      expect.objectContaining<Partial<ResilienceError>>({ code: 'CIRCUIT_NOT_FOUND' }),
    )
  })

  it('on a pattern holds circuits that another process makes later, also after all started again', async () => {
    const [a, b] = [await start(), await start()]
    a.forceOpen('openai/*', order('incident 12'))
    await clock.advance(500)
    expect(b.get('openai/new').state).toMatchObject({ status: 'forced-open', reason: 'incident 12' })
    expect(status(b, 'claude')).toBe('closed')
    await settle()
    await Promise.all([a.close(), b.close()])
    shared.flush()
    const again = await start()
    expect(status(again, 'openai/newer')).toBe('forced-open')
    again.resetAll()
    await settle()
    expect(status(again, 'openai/newest')).toBe('closed')
  })

  it('on a pattern holds circuits that another process has, all of them closed, and each of them is lifted by name', async () => {
    const [a, b] = [await start(), await start()]
    for (const name of ['openai/old', 'openai/older', 'claude']) b.get(name)
    a.forceOpen('openai/*', order('incident 12'))
    await settle()
    expect(b.get('openai/old').state).toMatchObject({ status: 'forced-open', reason: 'incident 12' })
    expect([status(b, 'openai/older'), status(b, 'claude')]).toEqual(['forced-open', 'closed'])
    await clock.advance(20_000)
    expect(a.reset('openai/older')).toBe(1)
    await settle()
    expect([status(b, 'openai/old'), status(b, 'openai/older')]).toEqual(['forced-open', 'closed'])
    a.resetAll()
    await settle()
    expect([status(b, 'openai/old'), status(b, 'openai/new')]).toEqual(['closed', 'closed'])
  })

  it('on a pattern opens no circuit that another process reset by name since', async () => {
    const [a, b] = [await start(), await start()]
    b.get('openai/old')
    a.get('openai/old')
    a.forceOpen('openai/*', order())
    a.reset('openai/old')
    await clock.advance(20_000)
    expect([status(a, 'openai/old'), status(b, 'openai/old')]).toEqual(['closed', 'closed'])
    expect([status(a, 'openai/new'), status(b, 'openai/new')]).toEqual(['forced-open', 'forced-open'])
  })

  it('on a pattern is not carried out again where another process lifted it', async () => {
    const [a, b] = [await start(), await start()]
    a.get('openai/old')
    a.forceOpen('openai/*', order())
    await settle()
    expect(b.reset('openai/*')).toBe(1)
    await settle()
    expect([status(a, 'openai/old'), status(a, 'openai/new'), status(b, 'openai/newer')]).toEqual([
      'closed',
      'closed',
      'closed',
    ])
  })

  it('on everything lifts what another process held by a pattern', async () => {
    const [a, b] = [await start(), await start()]
    a.forceOpen('openai/*', order())
    await settle()
    b.resetAll()
    await settle()
    expect([status(a, 'openai/new'), status(b, 'openai/newer')]).toEqual(['closed', 'closed'])
  })

  it('counts each circuit once, and sends nothing where there is nothing to lift', async () => {
    const a = await start()
    await trip(a, 'x')
    expect([a.reset('x'), a.forceOpen('x', order()), a.resetAll()]).toEqual([1, 1, 1])
    await settle()
    const b = await start()
    const before = shared.commandCount
    expect(b.resetAll()).toBe(0)
    await settle()
    expect(shared.commandCount).toBe(before)
  })

  it('that resets an opossum breaker which is closed closes what another process had opened for itself alone', async () => {
    const [a, b] = [await start({ sharing: { quorum: 2 } }), await start({ sharing: { quorum: 2 } })]
    const breaker = new Opossum(async () => 'answer', { name: 'x', rollingCountTimeout: 10_000 })
    b.adopt(fromOpossum(breaker))
    await trip(a, 'x')
    b.reset('x')
    await settle()
    expect(status(a, 'x')).toBe('closed')
    breaker.shutdown()
  })

  it('on a pattern leaves alone the circuit that another process reset since, also when it is made anew', async () => {
    const [a, b] = [await start({ maxCircuits: 1 }), await start()]
    a.get('openai/old')
    a.forceOpen('openai/*', order())
    await settle()
    b.reset('openai/old')
    await settle()
    a.get('another')
    expect(status(a, 'openai/old')).toBe('closed')
    expect(status(a, 'openai/new')).toBe('forced-open')
    a.forceOpen('openai/*', order())
    await settle()
    a.get('another')
    expect(status(a, 'openai/old')).toBe('forced-open')
  })

  it('on a part of what is held makes an exception for what is made later there', async () => {
    const a = await start()
    a.forceOpen('openai/*', order())
    await settle()
    a.reset('openai/acme-*')
    await settle()
    expect([status(a, 'openai/acme-1'), status(a, 'openai/other')]).toEqual(['closed', 'forced-open'])
  })

  it('for very many circuits reaches them all, and asks the store a bounded number of things at once', async () => {
    let inFlight = 0
    let most = 0
    const propose = shared.propose.bind(shared)
    shared.propose = async (proposal) => {
      most = Math.max(most, ++inFlight)
      try {
        return await propose(proposal)
      } finally {
        inFlight--
      }
    }
    const [a, b] = [await start(), await start()]
    for (let index = 0; index < 300; index++) a.get(`x/${index}`)
    a.forceOpen('x/*', order())
    await clock.advance(1000)
    expect(most).toBe(64)
    expect(new Set(Array.from({ length: 300 }, (_, index) => status(b, `x/${index}`)))).toEqual(
      new Set(['forced-open']),
    )
  })
})
