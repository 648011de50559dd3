import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { adaptiveThrottle } from './adaptive-throttle.ts'
import { rejectionProbability } from './rejection-probability.ts'

const refused = (): Promise<never> => Promise.reject({ status: 503 })

async function send(
  policy: ReturnType<typeof adaptiveThrottle>,
  count: number,
  call: () => unknown,
): Promise<void> {
  for (let index = 0; index < count; index++) await policy.execute(call).catch(() => {})
}

test('nothing is refused while enough calls are taken, more the fewer are, and never everything', () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.nat(100_000),
      fc.double({ min: 1.1, max: 100, noNaN: true }),
      (a, b, multiplier) => {
        const [accepts, requests] = a < b ? [a, b] : [b, a]
        const probability = rejectionProbability({ requests, accepts }, multiplier)
        expect(probability).toBeGreaterThanOrEqual(0)
        expect(probability).toBeLessThan(1)
        if (requests <= multiplier * accepts) expect(probability).toBe(0)
        const fewer = rejectionProbability({ requests, accepts: Math.max(0, accepts - 1) }, multiplier)
        expect(fewer).toBeGreaterThanOrEqual(probability)
      },
    ),
  )
  expect(rejectionProbability({ requests: 99, accepts: 25 }, 2)).toBe(0.49)
})

test('a service that refuses is asked less, and what is refused here is told and counted', async () => {
  const clock = new FakeClock()
  const metrics = new RecordingMetrics()
  const policy = adaptiveThrottle({ clock, metrics, random: () => 0.9, name: 'model' })
  await send(policy, 9, refused)
  expect(policy.rejectionProbability).toBe(0)
  await send(policy, 1, refused)
  expect(policy.rejectionProbability).toBe(10 / 11)
  await expect(policy.execute(() => 1)).rejects.toMatchObject({
    code: 'THROTTLED',
    retryable: true,
    policy: 'model',
  })
  expect(metrics.counterValue('policy_rejections_total', { policy: 'model', code: 'THROTTLED' })).toBe(1)
})

test('final failures are taken for answers, and calls that the caller aborted for nothing', async () => {
  const policy = adaptiveThrottle({ clock: new FakeClock(), minRequests: 1 })
  const caller = new AbortController()
  const gone = policy.execute(
    () => {
      caller.abort()
      return refused()
    },
    { signal: caller.signal },
  )
  await expect(gone).rejects.toMatchObject({ code: 'ABORTED' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(policy.rejectionProbability).toBe(0)
  await send(policy, 5, () => Promise.reject({ status: 400 }))
  expect(policy.rejectionProbability).toBe(0)
})

test('what happened before the window is forgotten, although no call came since', async () => {
  const clock = new FakeClock()
  const policy = adaptiveThrottle({ clock, windowMs: 10_000, random: () => 0.99 })
  await send(policy, 50, refused)
  expect(policy.rejectionProbability).toBeGreaterThan(0.9)
  await clock.advance(10_000)
  expect(policy.rejectionProbability).toBe(0)
})

test('calls that still run do not look refused', async () => {
  const policy = adaptiveThrottle({ clock: new FakeClock() })
  for (let index = 0; index < 100; index++) void policy.execute(() => new Promise(() => {}))
  expect(policy.rejectionProbability).toBe(0)
})

test.each([
  [{ multiplier: 1 }, 'multiplier'],
  [{ windowMs: 999 }, 'windowMs'],
  [{ minRequests: 0 }, 'minRequests'],
])('refuses %j', (bad, option) => {
  expect(() => adaptiveThrottle(bad)).toThrow(invalidOption(option))
})

test('what is refused here counts as wanted, so that demand keeps being seen', async () => {
  const policy = adaptiveThrottle({ clock: new FakeClock(), random: () => 0 })
  await send(policy, 10, refused)
  const before = policy.rejectionProbability
  await expect(policy.execute(async () => 'answer')).rejects.toMatchObject({ code: 'THROTTLED' })
  expect(policy.rejectionProbability).toBeGreaterThan(before)
})
