import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { sleep, systemClock } from './index.ts'
import { FakeClock } from './testing/index.ts'

it('resolves when its time has come, and not before', async () => {
  const clock = new FakeClock()
  let isDone = false
  const slept = sleep(100, { clock }).then(() => {
    isDone = true
  })
  await clock.advance(99)
  expect(isDone).toBe(false)
  await clock.advance(1)
  expect(isDone).toBe(true)
  await slept
})

it('an abort ends the wait at once and leaves no timer and no listener behind', async () => {
  const clock = new FakeClock()
  const controller = new AbortController()
  const slept = sleep(100, { clock, signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(slept).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
  expect(clock.pendingCount).toBe(0)
})

it('an aborted signal ends the wait before it starts', async () => {
  const clock = new FakeClock()
  await expect(sleep(1, { clock, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  expect(clock.pendingCount).toBe(0)
})

it('refuses a delay that a timer cannot hold', async () => {
  const refused = invalidOption('delayMs', 'a number from 0 to 2147483647')
  for (const delayMs of [-1, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY]) {
    await expect(sleep(delayMs)).rejects.toEqual(refused)
    await expect(sleep(delayMs, { clock: new FakeClock() })).rejects.toEqual(refused)
  }
})

it('the system clock fires a timer, and never one that was called off', async () => {
  let isFired = false
  const calledOff = systemClock.schedule(0, () => {
    isFired = true
  })
  calledOff.cancel()
  await sleep(5)
  expect(isFired).toBe(false)
  expect(systemClock.monotonicMs()).toBeGreaterThan(0)
  expect(systemClock.now()).toBeInstanceOf(Date)
})

it('a timer of the system clock can be told not to keep the process alive', () => {
  const before = process.getActiveResourcesInfo().length
  const timer = systemClock.schedule(60_000, () => {})
  expect(process.getActiveResourcesInfo()).toHaveLength(before + 1)
  timer.hold?.(false)
  expect(process.getActiveResourcesInfo()).toHaveLength(before)
  timer.hold?.(true)
  expect(process.getActiveResourcesInfo()).toHaveLength(before + 1)
  timer.cancel()
  expect(process.getActiveResourcesInfo()).toHaveLength(before)
})
