import fc from 'fast-check'
import { expect, it } from 'vitest'
import { rateLimitHeaders } from './rate-limit-headers.ts'
import type { RateLimitDecision } from './rate-limiter.ts'

const ADMIN = { name: 'admin', limit: 100, windowMs: 60_000 }
const ADMITTED: RateLimitDecision = {
  ...{ allowed: true, limit: 100, remaining: 42, resetMs: 16_001, retryAfterMs: 0, source: 'redis' },
}
const DENIED: RateLimitDecision = {
  ...{ allowed: false, limit: 100, remaining: 0, resetMs: 1, retryAfterMs: 1, source: 'redis' },
}

it('tells the policy and what is left as structured fields', () => {
  expect(rateLimitHeaders(ADMIN, ADMITTED)).toEqual({
    'RateLimit-Policy': '"admin";q=100;w=60',
    RateLimit: '"admin";r=42;t=17',
  })
})

it('says on a denial when to come again, in seconds that are rounded up', () => {
  expect(rateLimitHeaders(ADMIN, DENIED)).toMatchObject({ RateLimit: '"admin";r=0;t=1', 'Retry-After': '1' })
  const later = { ...DENIED, resetMs: 17_000, retryAfterMs: 17_000 }
  expect(rateLimitHeaders(ADMIN, later)).toMatchObject({ RateLimit: '"admin";r=0;t=17', 'Retry-After': '17' })
})

it('speaks the older form, both, or none save when to come again', () => {
  const legacy = { 'X-RateLimit-Limit': '100', 'X-RateLimit-Remaining': '42', 'X-RateLimit-Reset': '17' }
  const draft = { 'RateLimit-Policy': '"admin";q=100;w=60', RateLimit: '"admin";r=42;t=17' }
  expect(rateLimitHeaders(ADMIN, ADMITTED, 'legacy')).toEqual(legacy)
  expect(rateLimitHeaders(ADMIN, ADMITTED, 'both')).toEqual({ ...legacy, ...draft })
  expect(rateLimitHeaders(ADMIN, ADMITTED, 'off')).toEqual({})
  expect(rateLimitHeaders(ADMIN, DENIED, 'off')).toEqual({ 'Retry-After': '1' })
})

it('leaves a window out that is no whole number of seconds', () => {
  const limit = { ...ADMIN, windowMs: 1500 }
  expect(rateLimitHeaders(limit, ADMITTED)['RateLimit-Policy']).toBe('"admin";q=100')
})

it('a name cannot leave its quotes', () => {
  const named = (name: string): string | undefined => rateLimitHeaders({ ...ADMIN, name }, ADMITTED).RateLimit
  expect(named('a"b\\c')).toBe('"a\\"b\\\\c";r=42;t=17')
  expect(named('a\r\nSet-Cookie: x')).toBe('"a??Set-Cookie: x";r=42;t=17')
  expect(named('verläßlich')).toBe('"verl??lich";r=42;t=17')
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(named(name)).toMatch(/^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*";r=42;t=17$/)
    }),
  )
})
