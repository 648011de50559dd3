import { expect, test, vi } from 'vitest'
import { Bell, type RepeatOptions, repeat } from './index.ts'
import { FakeClock } from './testing/index.ts'

function setUp(change: Partial<RepeatOptions> = {}) {
  const clock = new FakeClock()
  const controller = new AbortController()
  const onFailure = vi.fn()
  const { signal } = controller
  const options = { signal, pollIntervalMs: 1000, clock, onFailure, random: () => 1, ...change }
  return { clock, controller, onFailure, options }
}

test('a round is done at once and then at each interval, until the signal ends the pause', async () => {
  const { clock, controller, options } = setUp()
  const round = vi.fn(async () => undefined)
  const ended = repeat(round, options)
  await clock.advance(0)
  expect(round).toHaveBeenCalledTimes(1)
  await clock.advance(999)
  expect(round).toHaveBeenCalledTimes(1)
  await clock.advance(1)
  expect(round).toHaveBeenCalledTimes(2)
  controller.abort()
  await ended
  expect(clock.pendingCount).toBe(0)
  await repeat(round, options)
  expect(round).toHaveBeenCalledTimes(2)
})

test('a round that has more to do is followed at once', async () => {
  const { clock, controller, options } = setUp()
  let left = 3
  const round = vi.fn(async () => --left > 0)
  const ended = repeat(round, options)
  await clock.advance(0)
  expect(round).toHaveBeenCalledTimes(3)
  controller.abort()
  await ended
})

test('failures are told and pause longer each time; a round that does its work begins the row anew', async () => {
  const { clock, controller, onFailure, options } = setUp({ backoff: { initialDelayMs: 10, maxDelayMs: 30 } })
  const error = new Error('away')
  const fails = [true, true, true, false, true]
  const round = vi.fn(async () => {
    if (fails.shift() === true) throw error
  })
  const ended = repeat(round, options)
  for (const delayMs of [0, 10, 20, 30, 1000]) await clock.advance(delayMs)
  const told = onFailure.mock.calls.map(([, failure]) => failure)
  expect(told).toEqual([
    { failures: 1, delayMs: 10 },
    { failures: 2, delayMs: 20 },
    { failures: 3, delayMs: 30 },
    { failures: 1, delayMs: 10 },
  ])
  expect(onFailure).toHaveBeenCalledWith(error, expect.anything())
  controller.abort()
  await ended
})

test('a round that the signal ends is no failure', async () => {
  const { controller, onFailure, options } = setUp()
  const round = async (signal: AbortSignal): Promise<void> => {
    controller.abort(new Error('stop'))
    signal.throwIfAborted()
  }
  await repeat(round, options)
  expect(onFailure).not.toHaveBeenCalled()
})

test('a ring of the bell ends the pause', async () => {
  const clock = new FakeClock()
  const bell = new Bell(clock)
  const { controller, options } = setUp({ bell, clock })
  const round = vi.fn(async () => undefined)
  const ended = repeat(round, options)
  await clock.advance(0)
  bell.ring()
  await clock.advance(0)
  expect(round).toHaveBeenCalledTimes(2)
  controller.abort()
  await ended
})
