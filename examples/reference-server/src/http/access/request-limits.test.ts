import { silentMetrics } from '@golden-arch/core/observability'
import { MemoryRateLimiter, trustProxies } from '@golden-arch/core/security'
import { expect, it } from 'vitest'
import { type RequestLimits, roleLimits } from './request-limits.ts'

function limitsBehind(proxies: number | readonly string[]): RequestLimits {
  return roleLimits({
    limiter: new MemoryRateLimiter(),
    trustedProxies: trustProxies(proxies),
    callsPerMinute: {},
    metrics: silentMetrics,
  })
}

it('knows the proxies of a list by their addresses, also as IPv6 writes those of IPv4', () => {
  const limits = limitsBehind(['10.0.0.0/8'])
  expect(limits.isProxy('10.1.2.3')).toBe(true)
  expect(limits.isProxy('::ffff:10.1.2.3')).toBe(true)
  expect(limits.isProxy('192.0.2.7')).toBe(false)
  expect(limits.isProxy('')).toBe(false)
})

it('takes every peer for a proxy where their number alone is known, and none where it is zero', () => {
  expect(limitsBehind(1).isProxy('192.0.2.7')).toBe(true)
  expect(limitsBehind(0).isProxy('192.0.2.7')).toBe(false)
})
