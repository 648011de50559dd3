import { invalidOption } from '@golden-arch/testkit/options'
import { expect, test, vi } from 'vitest'
import { FakeClock } from '../time/testing/index.ts'
import { bulkhead } from './bulkhead/bulkhead.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { compose } from './compose.ts'
import { fallback } from './fallback/fallback.ts'
import { hedge } from './hedge/hedge.ts'
import type { Policy } from './policy.ts'
import { retry } from './retry/retry.ts'
import { retryReportOf } from './retry/retry-report.ts'
import { adaptiveThrottle } from './throttle/adaptive-throttle.ts'
import { timeout } from './timeout/timeout.ts'

const busy = (): Error => Object.assign(new Error('busy'), { status: 503 })
const never = (): Promise<never> => new Promise(() => {})

/** A policy that notes when a call enters and leaves it. */
function noting(name: string, notes: string[]): Policy {
  return {
    async execute(call, options) {
      notes.push(`> ${name}`)
      try {
        return await call(options?.signal ?? new AbortController().signal)
      } finally {
        notes.push(`< ${name}`)
      }
    },
  }
}

test('calls enter the policies from the first to the last, and leave them the other way round', async () => {
  const notes: string[] = []
  const policy = compose(noting('a', notes), compose(noting('b', notes), noting('c', notes)))
  await policy.execute(() => notes.push('call'))
  expect(notes).toEqual(['> a', '> b', '> c', 'call', '< c', '< b', '< a'])
  expect(policy.policies).toHaveLength(3)
})

test('a timeout inside a retry bounds each attempt, one outside all of them', async () => {
  const clock = new FakeClock()
  const again = retry({ clock, isIdempotent: true, random: () => 1, maxAttempts: 5 })
  const call = vi.fn(never)
  const each = compose(again, timeout({ timeoutMs: 100, clock })).execute(call)
  const caught = each.catch((error: unknown) => error)
  await clock.advance(100_000)
  expect(await caught).toMatchObject({ code: 'TIMEOUT' })
  expect(retryReportOf(await caught)).toEqual({ attempts: 5, reason: 'attempts' })

  const failing = vi.fn(() => Promise.reject(busy()))
  const all = compose(timeout({ timeoutMs: 500, clock }), again).execute(failing)
  all.catch(() => {})
  await clock.advance(0)
  await clock.advance(100_000)
  await expect(all).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(failing).toHaveBeenCalledTimes(2)
  expect(clock.pendingCount).toBe(0)
})

test('a breaker inside a retry sees each attempt and ends the retrying when it opens', async () => {
  const clock = new FakeClock()
  const breaker = new CircuitBreaker('openai', { failureThreshold: 2, recoveryTimeoutMs: 30_000, clock })
  const call = vi.fn(() => Promise.reject(busy()))
  const policy = compose(retry({ clock, isIdempotent: true, maxAttempts: 9, random: () => 1 }), breaker)
  const caught = policy.execute(call).catch((error: unknown) => error)
  await clock.advance(0)
  await clock.advance(100_000)
  expect(await caught).toMatchObject({ code: 'CIRCUIT_OPEN' })
  expect(retryReportOf(await caught)).toEqual({ attempts: 3, reason: 'retry-after' })
  expect(call).toHaveBeenCalledTimes(2)
})

test('an open circuit is told at once, however soon it may be asked again, unless it may be waited for', async () => {
  const clock = new FakeClock()
  const breaker = new CircuitBreaker('openai', { failureThreshold: 1, recoveryTimeoutMs: 30_000, clock })
  await breaker.execute(() => Promise.reject(busy())).catch(() => {})
  const told = { code: 'CIRCUIT_OPEN', retryAfterMs: 10 }
  await clock.advance(29_990)
  const refused = compose(retry({ clock }), breaker).execute(() => 'up')
  await expect(refused).rejects.toMatchObject(told)
  const other = fallback(({ error }) => error)
  expect(await compose(other, retry({ clock }), breaker).execute(() => 'up')).toMatchObject(told)
  const patient = retry({ clock, maxCircuitWaitMs: 10, random: () => 0 })
  const waited = compose(patient, breaker).execute(() => 'up')
  await clock.advance(0)
  await clock.advance(10)
  expect(await waited).toBe('up')
})

test('a probe that hung is not followed by another of the same caller', async () => {
  const clock = new FakeClock()
  const breaker = new CircuitBreaker('openai', {
    ...{ failureThreshold: 1, recoveryTimeoutMs: 1000, probeTimeoutMs: 500, clock },
  })
  await breaker.execute(() => Promise.reject(busy())).catch(() => {})
  await clock.advance(1000)
  const call = vi.fn(never)
  const probe = compose(retry({ clock, isIdempotent: true }), breaker).execute(call)
  const caught = probe.catch((error: unknown) => error)
  await clock.advance(500)
  expect(await caught).toMatchObject({ code: 'PROBE_TIMEOUT' })
  expect(call).toHaveBeenCalledTimes(1)
})

test('a timeout inside a breaker counts as a failure of the service, a refusal by a bulkhead inside it does not', async () => {
  const clock = new FakeClock()
  const breaker = new CircuitBreaker('openai', { clock })
  const slow = compose(breaker, timeout({ timeoutMs: 100, clock })).execute(never)
  slow.catch(() => {})
  await clock.advance(100)
  await expect(slow).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(breaker.failureCount).toBe(1)
  const crowded = compose(breaker, bulkhead({ maxConcurrent: 1, maxQueueLength: 0, clock }))
  void crowded.execute(never)
  await expect(crowded.execute(never)).rejects.toMatchObject({ code: 'BULKHEAD_FULL' })
  expect(breaker.failureCount).toBe(1)
})

test('the abort of the caller goes through all policies at once and leaves no timer', async () => {
  const clock = new FakeClock()
  const caller = new AbortController()
  const seen: AbortSignal[] = []
  const policy = compose(
    fallback(() => 'other'),
    bulkhead({ maxConcurrent: 1, clock }),
    hedge({ delayMs: 10, clock }),
    retry({ clock, isIdempotent: true }),
    adaptiveThrottle({ clock }),
    new CircuitBreaker('openai', { clock }),
    timeout({ timeoutMs: 1000, clock }),
  )
  const result = policy.execute(
    (signal) => {
      seen.push(signal)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
    { signal: caller.signal },
  )
  result.catch(() => {})
  await clock.advance(20)
  caller.abort('enough')
  await expect(result).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  expect(seen.map(({ reason }) => reason)).toEqual(['enough', 'enough'])
  await clock.advance(0)
  expect(clock.pendingCount).toBe(0)
})

test('layers share the state of their policy, in whichever composition they stand', async () => {
  const clock = new FakeClock()
  const crowd = bulkhead({ maxConcurrent: 1, maxQueueLength: 0, clock })
  void compose(timeout({ timeoutMs: 9, clock }), crowd).execute(never)
  await expect(crowd.execute(never)).rejects.toMatchObject({ code: 'BULKHEAD_FULL' })
})

test('the key reaches the policies below', async () => {
  const keys: unknown[] = []
  const listening: Policy = {
    execute: async (call, options) => {
      keys.push(options?.key)
      return call(new AbortController().signal)
    },
  }
  await compose(retry(), timeout({ timeoutMs: 10 }), listening).execute(() => 1, { key: 'acme' })
  expect(keys).toEqual(['acme'])
})

test('a call that takes a signal gets one of its own, also where nobody gave one', async () => {
  const policy = compose(retry(), new CircuitBreaker('openai'))
  const signals = [await policy.execute((signal) => signal), await policy.execute((signal) => signal)]
  expect(signals[0]).toBeInstanceOf(AbortSignal)
  expect(signals[0]).not.toBe(signals[1])
})

test('a call that throws at once fails like one that rejects', async () => {
  const policy = compose(retry(), bulkhead({ maxConcurrent: 1 }), timeout({ timeoutMs: 10 }))
  const thrown = policy.execute(() => {
    throw new TypeError('mistake')
  })
  await expect(thrown).rejects.toThrow('mistake')
})

test('refuses no policy, and what is none', () => {
  expect(() => compose()).toThrow(invalidOption('policies', 'one policy or several'))
  const nothing: unknown = {}
  // Safe: what is under test is that it is refused.
  expect(() => compose(nothing as Policy)).toThrow(
    invalidOption('policies', 'policies with a method execute'),
  )
})
