import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeClock } from './fake-clock.ts'

it('fires timers in order of their due time, then of their creation, each at its own instant', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 8 }), async (delays) => {
      const clock = new FakeClock()
      const fired: { index: number; atMs: number }[] = []
      for (const [index, delayMs] of delays.entries()) {
        clock.schedule(delayMs, () => fired.push({ index, atMs: clock.monotonicMs() }))
      }
      await clock.advance(20)
      const expected = delays
        .map((atMs, index) => ({ index, atMs }))
        .sort((a, b) => a.atMs - b.atMs || a.index - b.index)
      expect(fired).toEqual(expected)
      expect(clock.pendingCount).toBe(0)
    }),
  )
})

it('a jump of the wall clock moves no duration and fires no timer', async () => {
  const clock = new FakeClock(new Date(0))
  clock.schedule(10, () => expect.unreachable())
  clock.jumpWall(3_600_000)
  await clock.advance(5)
  expect(clock.now().getTime()).toBe(3_600_005)
  expect(clock.monotonicMs()).toBe(5)
})
