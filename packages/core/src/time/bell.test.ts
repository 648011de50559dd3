import { expect, test } from 'vitest'
import { Bell } from './bell.ts'
import { FakeClock } from './testing/index.ts'

test('a wait ends at its time, when rung, or when the signal fires, and leaves no timer behind', async () => {
  const clock = new FakeClock()
  const bell = new Bell(clock)
  const controller = new AbortController()
  const timed = bell.wait(100, controller.signal)
  await clock.advance(100)
  expect(await timed).toBe(false)
  const rung = bell.wait(100, controller.signal)
  bell.ring()
  expect(await rung).toBe(true)
  const aborted = bell.wait(100, controller.signal)
  controller.abort()
  await aborted
  await bell.wait(100, controller.signal)
  expect(clock.pendingCount).toBe(0)
})

test('a ring before the wait ends that wait at once, and only that one', async () => {
  const clock = new FakeClock()
  const bell = new Bell(clock)
  const { signal } = new AbortController()
  bell.ring()
  bell.ring()
  await bell.wait(100, signal)
  void bell.wait(100, signal)
  expect(clock.pendingCount).toBe(1)
})
