import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { HUMAN_ROLES } from '../rbac/role.ts'
import { MemoryRateLimiter } from './adapters/memory/memory-rate-limiter.ts'
import type { RateLimit } from './rate-limit.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { type RateLimitedCaller, RoleRateLimiter } from './role-rate-limiter.ts'

const ADA = { tenantId: 'acme', role: 'observer', subject: 'ada' }

function inMemory(): RoleRateLimiter {
  return new RoleRateLimiter({ limiter: new MemoryRateLimiter({ clock: new FakeClock() }) })
}

/** Notes what is asked of it. */
class AskedLimiter implements RateLimiter {
  readonly asked: [string, RateLimit][] = []

  async consume(key: string, limit: RateLimit) {
    this.asked.push([key, limit])
    const [remaining, resetMs, retryAfterMs] = [0, 1, 0]
    return { allowed: true, limit: limit.limit, remaining, resetMs, retryAfterMs, source: 'redis' } as const
  }
}

describe('limits of roles', () => {
  it.each([
    ['admin', 100],
    ['operator', 50],
    ['developer', 30],
    ['observer', 20],
    ['anonymous', 5],
  ])('a person who is %s has %i calls a minute', async (role, limit) => {
    const limits = inMemory()
    for (let call = 1; call <= limit; call++) {
      const answer = await limits.consume({ ...ADA, role })
      expect(answer).toMatchObject({ allowed: true, limit, remaining: limit - call })
    }
    const denied = await limits.consume({ ...ADA, role })
    expect(denied.allowed).toBe(false)
    expect(denied.headers).toEqual({
      'RateLimit-Policy': `"${role}";q=${limit};w=60`,
      RateLimit: `"${role}";r=0;t=60`,
      'Retry-After': '60',
    })
  })

  it('a person is limited whatever token they bring, and nobody else with them', async () => {
    const limits = inMemory()
    for (let call = 0; call < 20; call++) await limits.consume({ ...ADA })
    expect((await limits.consume({ ...ADA })).allowed).toBe(false)
    const others = [
      { ...ADA, subject: 'bob' },
      { ...ADA, tenantId: 'other' },
      { ...ADA, role: 'admin' },
    ]
    for (const caller of others) expect((await limits.consume(caller)).allowed).toBe(true)
  })

  it('an address has five calls a minute, whichever of its network it uses', async () => {
    const limits = inMemory()
    for (let host = 1; host <= 5; host++) {
      expect((await limits.consume({ address: `2001:db8::${host}` })).allowed).toBe(true)
    }
    expect((await limits.consume({ address: '2001:db8::ffff' })).allowed).toBe(false)
    expect((await limits.consume({ address: '2001:db8:0:1::1' })).allowed).toBe(true)
  })

  it('a role that nobody knows has the limit of those who are anonymous, for each person', async () => {
    const limits = inMemory()
    for (const role of ['visitor', 'constructor', '__proto__']) {
      expect((await limits.consume({ ...ADA, role })).limit).toBe(5)
    }
  })

  it('limits can be changed and added', async () => {
    const limiter = new MemoryRateLimiter({ clock: new FakeClock() })
    const auditor = { name: 'auditor', limit: 7, windowMs: 1000 }
    const admin = { name: 'admin', limit: 1000, windowMs: 60_000 }
    const limits = new RoleRateLimiter({ limiter, limits: { auditor, admin }, headers: 'legacy' })
    const answer = await limits.consume({ ...ADA, role: 'auditor' })
    expect(answer.headers).toMatchObject({ 'X-RateLimit-Limit': '7' })
    expect((await limits.consume({ ...ADA, role: 'admin' })).limit).toBe(1000)
    expect((await limits.consume(ADA)).limit).toBe(20)
  })
})

describe('keys', () => {
  const keyOf = async (caller: RateLimitedCaller): Promise<string> => {
    const limiter = new AskedLimiter()
    await new RoleRateLimiter({ limiter }).consume(caller)
    return limiter.asked[0]?.[0] ?? ''
  }

  it('name the tenant, the role and the person, or the address', async () => {
    expect(await keyOf(ADA)).toBe('acme:observer:ada')
    expect(await keyOf({ address: '::ffff:203.0.113.7' })).toBe(':anonymous:203.0.113.7')
    expect(await keyOf({ address: '' })).toBe(':anonymous:unknown')
  })

  it('differ for callers that differ, and hold no hash tag of a cluster', async () => {
    const word = fc.string({ minLength: 1, unit: fc.constantFrom('a', ':', '{', '}', '%', 'é', '/', '~') })
    const caller = fc.record({ tenantId: word, role: fc.constantFrom(...HUMAN_ROLES), subject: word })
    await fc.assert(
      fc.asyncProperty(caller, caller, async (one, other) => {
        const keys = [await keyOf(one), await keyOf(other)]
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(keys[0] === keys[1]).toBe(isSame)
        expect(keys[0]).toMatch(/^[^{}:]+:[^{}:]+:[^{}:]+$/)
      }),
    )
  })

  it('a caller without a tenant or name is refused', async () => {
    for (const part of ['tenantId', 'role', 'subject']) {
      for (const bad of ['', 'x'.repeat(257), 'a\nb', '\ud800']) {
        await expect(keyOf({ ...ADA, [part]: bad })).rejects.toEqual(invalidOption(part))
      }
    }
  })
})

it('a route has its own policy, and the limit stays what it was', async () => {
  const limiter = new AskedLimiter()
  const limits = new RoleRateLimiter({ limiter })
  for (const onLoss of [undefined, 'closed', 'open', 'closed', 'degrade'] as const)
    await limits.consume(ADA, onLoss)
  expect(limiter.asked.map(([, limit]) => limit.onLoss)).toEqual([
    undefined,
    'closed',
    'open',
    'closed',
    'degrade',
  ])
  expect(new Set(limiter.asked.map(([key, { limit, name }]) => `${key} ${name} ${limit}`)).size).toBe(1)
  expect(limiter.asked[1]?.[1]).toBe(limiter.asked[3]?.[1])
})

it('counts decisions by limit, outcome and source', async () => {
  const metrics = new RecordingMetrics()
  const limits = new RoleRateLimiter({ limiter: new MemoryRateLimiter({ clock: new FakeClock() }), metrics })
  for (let call = 0; call < 7; call++) await limits.consume({ address: '203.0.113.7' })
  await limits.consume({ ...ADA, role: 'visitor' })
  const name = 'limiter_decisions_total'
  const anonymous = { role: 'anonymous', source: 'memory' }
  expect(metrics.counterValue(name, { ...anonymous, outcome: 'allowed' })).toBe(6)
  expect(metrics.counterValue(name, { ...anonymous, outcome: 'denied' })).toBe(2)
})

it('a limit without a name of its own is called after its role', async () => {
  const limits = { 'on-call': { limit: 7, windowMs: 60_000 } }
  const limiter = new RoleRateLimiter({ limiter: new MemoryRateLimiter({ clock: new FakeClock() }), limits })
  const { headers } = await limiter.consume({ ...ADA, role: 'on-call' })
  expect(headers['RateLimit-Policy']).toBe('"on-call";q=7;w=60')
})

it('refuses options out of range', () => {
  const limiter = new AskedLimiter()
  const bad = { name: 'x', limit: 0, windowMs: 1000 }
  expect(() => new RoleRateLimiter({ limiter, limits: { x: bad } })).toThrow(invalidOption('limits.x.limit'))
  // Of untyped configuration.
  expect(() => new RoleRateLimiter({ limiter, headers: 'new' as 'draft' })).toThrow(invalidOption('headers'))
  expect(() => new RoleRateLimiter({ limiter: {} as RateLimiter })).toThrow(invalidOption('limiter'))
})
