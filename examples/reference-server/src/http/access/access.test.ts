import { silentMetrics } from '@golden-arch/core/observability'
import { GuardedRateLimiter, MemoryRateLimiter, trustProxies } from '@golden-arch/core/security'
import { FakeClock } from '@golden-arch/core/time/testing'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'
import { roleLimits } from './request-limits.ts'

function addRoutes(app: FastifyInstance): void {
  app.get('/open', { config: { public: true } }, () => ({}))
  app.get('/alive', { config: { public: true, isProbe: true, limitPolicy: 'open' } }, () => ({}))
  app.get('/login', { config: { public: true, isSignIn: true } }, () => ({}))
  app.get('/logout', { config: { public: true, isSignOut: true } }, () => ({}))
  app.get('/tasks', { config: { permission: 'task:read' } }, () => ({}))
  app.get('/dlq', { config: { permission: 'dlq:manage' } }, () => ({}))
}

describe('a route', () => {
  it.each([
    ['neither a permission nor public', {}],
    ['both', { permission: 'task:read', public: true }],
    ['a public that is not true', { public: false }],
  ])('with %s stops the start', async (_name, config) => {
    // The cast lets a route say what the types forbid, as untyped code may.
    const start = startTestGateway(
      (app) => void app.get('/forgotten', { config: config as never }, () => ({})),
    )
    await expect(start).rejects.toThrow('GET /forgotten: a route has either a permission or public: true')
  })
})

describe('limits', () => {
  let clock: FakeClock
  let gateway: TestGateway

  beforeEach(async () => {
    clock = new FakeClock()
    gateway = await startTestGateway(addRoutes, {
      requestLimits: roleLimits({
        limiter: new MemoryRateLimiter({ clock }),
        trustedProxies: trustProxies(['127.0.0.1']),
        callsPerMinute: { developer: 7 },
        metrics: silentMetrics,
      }),
    })
  })
  afterEach(() => gateway.stop())

  const call = (path: string, token?: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${gateway.address}${path}`, {
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    })

  async function statuses(count: number, ...request: Parameters<typeof call>): Promise<number[]> {
    const found = []
    for (let index = 0; index < count; index++) found.push((await call(...request)).status)
    return found
  }

  it('let five anonymous calls of an address pass in a minute, and the next when the first is past', async () => {
    expect(await statuses(6, '/open')).toEqual([200, 200, 200, 200, 200, 429])
    const refused = await call('/open')
    expect(await refused.json()).toMatchObject({
      error_code: 'RATE_LIMITED',
      details: { retry_after_seconds: 60 },
      request_id: expect.any(String),
    })
    expect(refused.headers.get('retry-after')).toBe('60')
    await clock.advance(59_999)
    expect(await statuses(1, '/open')).toEqual([429])
    await clock.advance(1)
    expect(await statuses(1, '/open')).toEqual([200])
  })

  it('count whoever guesses tokens by address, and let him wait', async () => {
    expect(await statuses(6, '/tasks', 'no-token')).toEqual([401, 401, 401, 401, 401, 429])
    expect(await statuses(1, '/open')).toEqual([429])
    expect(await statuses(1, '/tasks', 'acme.admin.ada')).toEqual([200])
  })

  it('count a person by role and tenant, wherever he calls from and whatever comes of it', async () => {
    expect(new Set(await statuses(10, '/tasks', 'acme.observer.eve'))).toEqual(new Set([200]))
    const elsewhere = { 'x-forwarded-for': '192.0.2.1' }
    expect(new Set(await statuses(5, '/dlq', 'acme.observer.eve', elsewhere))).toEqual(new Set([403]))
    expect(new Set(await statuses(5, '/nowhere', 'acme.observer.eve', elsewhere))).toEqual(new Set([404]))
    expect(await statuses(1, '/tasks', 'acme.observer.eve')).toEqual([429])
    expect(await statuses(1, '/tasks', 'globex.observer.eve')).toEqual([200])
    expect(await statuses(1, '/tasks', 'acme.observer.bob')).toEqual([200])
  })

  it('are as the configuration changes them', async () => {
    const found = await call('/tasks', 'acme.developer.dan')
    expect(found.headers.get('ratelimit-policy')).toBe('"developer";q=7;w=60')
    expect(found.headers.get('ratelimit')).toBe('"developer";r=6;t=60')
    expect(await statuses(7, '/tasks', 'acme.developer.dan')).toEqual([200, 200, 200, 200, 200, 200, 429])
  })

  it('stand on every answer, whatever it is', async () => {
    for (const [path, token] of [
      ['/open', undefined],
      ['/nowhere', undefined],
      ['/tasks', undefined],
      ['/tasks', 'acme.admin.ada'],
      ['/nowhere', 'acme.admin.ada'],
      ['/tasks', 'acme.anonymous.x'],
      ['/alive', undefined],
    ] as const) {
      const { headers } = await call(path, token)
      expect(headers.get('ratelimit-policy')).toMatch(/^"(admin|anonymous|probe)";q=\d+;w=60$/)
      expect(headers.get('ratelimit')).toMatch(/^"(admin|anonymous|probe)";r=\d+;t=\d+$/)
    }
  })

  it('leave probes of health alone', async () => {
    expect(new Set(await statuses(30, '/alive'))).toEqual(new Set([200]))
  })

  it('tell the clients of a trusted proxy apart, and believe nobody else', async () => {
    const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })
    await statuses(5, '/open', undefined, from('192.0.2.1'))
    expect(await statuses(1, '/open', undefined, from('192.0.2.1'))).toEqual([429])
    expect(await statuses(1, '/open', undefined, from('192.0.2.2'))).toEqual([200])
    // What stands left of the address that the proxy saw was written by the client.
    expect(await statuses(1, '/open', undefined, from('198.51.100.7, 192.0.2.1'))).toEqual([429])
  })

  it('let people sign in, whatever else their address has called, ten times a minute', async () => {
    expect(await statuses(6, '/open')).toEqual([200, 200, 200, 200, 200, 429])
    expect(await statuses(11, '/login')).toEqual([...Array(10).fill(200), 429])
    const elsewhere = { 'x-forwarded-for': '2001:db8::1' }
    expect(new Set(await statuses(10, '/login', undefined, elsewhere))).toEqual(new Set([200]))
    expect(await statuses(5, '/open', undefined, elsewhere)).toEqual([200, 200, 200, 200, 200])
    // An IPv6 line has all the addresses of its first 64 bits.
    expect(await statuses(1, '/login', undefined, { 'x-forwarded-for': '2001:db8::2' })).toEqual([429])
    await clock.advance(60_000)
    expect(await statuses(1, '/login')).toEqual([200])
  })

  it('let people sign out, whatever else their address has called and however many come from there', async () => {
    expect((await statuses(6, '/tasks', 'expired')).at(-1)).toBe(429)
    expect((await statuses(11, '/login')).at(-1)).toBe(429)
    expect(await statuses(101, '/logout')).toEqual([...Array(100).fill(200), 429])
  })

  it('count a NUL in the URL, which no route is asked with', async () => {
    const eve = 'acme.observer.eve'
    for (const path of ['/tasks?name=%00', '/tasks/%00', '/tasks?%00=1']) {
      const refused = await call(path, eve)
      expect([refused.status, await refused.json()]).toEqual([
        400,
        expect.objectContaining({ error_code: 'URL_FORBIDDEN_TEXT' }),
      ])
    }
    expect((await call('/tasks?name=%2500', eve)).headers.get('ratelimit')).toBe('"observer";r=16;t=60')
    expect(await statuses(6, '/open?name=%00')).toEqual([400, 400, 400, 400, 400, 429])
  })

  it('hold for what is no route as for what is', async () => {
    expect(await statuses(6, '/nowhere')).toEqual([404, 404, 404, 404, 404, 429])
  })
})

describe('a limiter that does not answer', () => {
  it('refuses where a route is closed, and answers where it is open or takes its part of the limit', async () => {
    const clock = new FakeClock()
    const told: string[] = []
    const level = (name: string) => (): void => void told.push(name)
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: level('warn'),
      error: level('error'),
    }
    const shared = { consume: () => Promise.reject(new Error('no limiter')) }
    const gateway = await startTestGateway(
      (app) => {
        app.get('/closed', { config: { public: true, limitPolicy: 'closed' } }, () => ({}))
        app.get('/open', { config: { public: true, limitPolicy: 'open' } }, () => ({}))
        app.get('/usual', { config: { public: true } }, () => ({}))
      },
      {
        logger,
        requestLimits: roleLimits({
          limiter: new GuardedRateLimiter({ shared, instances: 2, clock, logger }),
          trustedProxies: trustProxies(0),
          callsPerMinute: {},
          metrics: silentMetrics,
        }),
      },
    )
    const statuses = async (path: string): Promise<number[]> => {
      const found = []
      for (let index = 0; index < 6; index++) found.push((await fetch(`${gateway.address}${path}`)).status)
      return found
    }
    expect(await statuses('/usual')).toEqual([200, 200, 429, 429, 429, 429])
    expect(await statuses('/open')).toEqual([200, 200, 200, 200, 200, 200])
    expect(await statuses('/closed')).toEqual([503, 503, 503, 503, 503, 503])
    const closed = await fetch(`${gateway.address}/closed`)
    expect(await closed.json()).toMatchObject({ error_code: 'LIMITER_UNAVAILABLE' })
    expect(closed.headers.get('retry-after')).toMatch(/^\d+$/)
    // One outage is one line, however many calls it meets.
    expect(told).toEqual(['warn'])
    await gateway.stop()
  })
})
