import { FakeClock } from '@golden-arch/core/time/testing'
import { expect, test } from 'vitest'
import { Pause } from './pause.ts'

test('a wait ends at its time, when woken, or when the signal fires, and leaves no timer behind', async () => {
  const clock = new FakeClock()
  const pause = new Pause(clock)
  const controller = new AbortController()
  const timed = pause.wait(100, controller.signal)
  await clock.advance(100)
  await timed
  const woken = pause.wait(100, controller.signal)
  pause.wake()
  await woken
  const aborted = pause.wait(100, controller.signal)
  controller.abort()
  await aborted
  await pause.wait(100, controller.signal)
  expect(clock.pendingCount).toBe(0)
})

test('being woken before the wait ends that wait at once, and only that one', async () => {
  const clock = new FakeClock()
  const pause = new Pause(clock)
  const { signal } = new AbortController()
  pause.wake()
  pause.wake()
  await pause.wait(100, signal)
  void pause.wait(100, signal)
  expect(clock.pendingCount).toBe(1)
})
