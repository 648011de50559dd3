import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryRateLimiter } from './adapters/memory/memory-rate-limiter.ts'
import { GuardedRateLimiter } from './guarded-rate-limiter.ts'
import type { RateLimit } from './rate-limit.ts'
import { CutOffLimiter } from './testing/cut-off-limiter.ts'
import { mostInWindow } from './testing/most-in-window.ts'

const WINDOW_MS = 60_000

const limits = fc.integer({ min: 1, max: 12 })
const waits = fc.oneof(
  { arbitrary: fc.constant(0), weight: 6 },
  { arbitrary: fc.nat({ max: 3000 }), weight: 3 },
  { arbitrary: fc.constantFrom(1000, 20_000, 59_999, WINDOW_MS), weight: 2 },
)
const calls = fc.record({ wait: waits, process: fc.nat({ max: 3 }), count: fc.integer({ min: 1, max: 6 }) })

interface Cluster {
  readonly clock: FakeClock
  readonly links: readonly CutOffLimiter[]
  readonly guards: readonly GuardedRateLimiter[]
  /** Calls of one process, one after the other; the times of those that were admitted are noted. */
  call(process: number, count: number): Promise<void>
  readonly admittedAtMs: number[]
}

function of(limit: number): RateLimit {
  return { name: 'test', limit, windowMs: WINDOW_MS }
}

function start(instances: number, limit: number): Cluster {
  const clock = new FakeClock()
  const redis = new MemoryRateLimiter({ clock })
  const links = Array.from({ length: instances }, () => new CutOffLimiter(redis, clock))
  const guards = links.map((shared) => new GuardedRateLimiter({ shared, instances, clock }))
  const admittedAtMs: number[] = []
  const call = async (process: number, count: number): Promise<void> => {
    for (let done = 0; done < count; done++) {
      const decision = await guards[process % instances]?.consume('a', of(limit))
      if (decision?.allowed) admittedAtMs.push(clock.monotonicMs())
    }
  }
  return { clock, links, guards, call, admittedAtMs }
}

it('however processes lose the shared limiter and find it again, the sum stays below what is promised', async () => {
  const steps = fc.array(fc.tuple(calls, fc.constantFrom('none', 'none', 'none', 'cut', 'mend')), {
    maxLength: 50,
  })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), limits, steps, async (instances, limit, schedule) => {
      const { clock, links, call, admittedAtMs } = start(instances, limit)
      for (const [{ wait, process, count }, event] of schedule) {
        await clock.advance(wait)
        const link = links[process % instances]
        if (link !== undefined && event !== 'none') link.isCut = event === 'cut'
        await call(process + 1, count)
        await call(process, count)
      }
      const share = Math.floor(limit / instances)
      expect(mostInWindow(admittedAtMs, WINDOW_MS)).toBeLessThanOrEqual(limit + (instances - 1) * share)
    }),
    { numRuns: 300 },
  )
})

it('where all processes lose it together, no window after the loss holds more than the limit', async () => {
  const schedules = fc.array(calls, { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      ...[fc.integer({ min: 1, max: 4 }), limits, schedules, schedules, schedules],
      async (instances, limit, before, during, after) => {
        const { clock, links, guards, call, admittedAtMs } = start(instances, limit)
        const live = async (schedule: typeof before): Promise<void> => {
          for (const { wait, process, count } of schedule) {
            await clock.advance(wait)
            await call(process, count)
          }
        }
        await live(before)
        for (const link of links) link.isCut = true
        const lostAfter = admittedAtMs.length
        // Each process finds out, through calls of others: one that does not has lost nothing.
        await Promise.all(
          guards.flatMap((guard) => ['b', 'c', 'd'].map((key) => guard.consume(key, of(limit)))),
        )
        expect(guards.every(({ isDegraded }) => isDegraded)).toBe(true)
        await live(during)
        for (const link of links) link.isCut = false
        await live(after)
        expect(mostInWindow(admittedAtMs.slice(lostAfter), WINDOW_MS)).toBeLessThanOrEqual(limit)
      },
    ),
    { numRuns: 300 },
  )
})
