import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { systemClock } from '../../../time/index.ts'
import { FakeClock } from '../../../time/testing/index.ts'
import { Turnstile } from './turnstile.ts'

const limits = { waitTimeoutMs: 100, maxQueueLength: 3, clock: systemClock }
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('lets one through at a time, in the order of asking', async () => {
  const turnstile = new Turnstile(limits)
  const order: number[] = []
  const visit = async (index: number): Promise<void> => {
    const leave = await turnstile.enter()
    order.push(index)
    await settle()
    order.push(index)
    leave()
  }
  await Promise.all([visit(1), visit(2), visit(3), visit(4)])
  expect(order).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
})

it('a turn ends once, however often it is ended', async () => {
  const turnstile = new Turnstile(limits)
  const leave = await turnstile.enter()
  const second = turnstile.enter()
  const third = turnstile.enter()
  leave()
  leave()
  await second
  let isThrough = false
  void third.then(() => {
    isThrough = true
  })
  await settle()
  expect(isThrough).toBe(false)
})

it('whoever gives up waiting, by signal or by time, holds up nobody', async () => {
  const clock = new FakeClock()
  const turnstile = new Turnstile({ ...limits, clock })
  const leave = await turnstile.enter()
  const controller = new AbortController()
  const aborted = expect(turnstile.enter(controller.signal)).rejects.toMatchObject({ code: 'ABORTED' })
  const late = expect(turnstile.enter()).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    retryable: true,
  })
  controller.abort()
  await aborted
  await clock.advance(100)
  await late
  expect(clock.pendingCount).toBe(0)
  const next = turnstile.enter()
  leave()
  await next
})

it('lets no more wait than it may', async () => {
  const turnstile = new Turnstile(limits)
  const leave = await turnstile.enter()
  const waiting = [turnstile.enter(), turnstile.enter(), turnstile.enter()]
  await expect(turnstile.enter()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  leave()
  for (const turn of waiting) (await turn)()
})

it('closed, it sends away those who wait and come, and waits for whoever is through', async () => {
  const turnstile = new Turnstile(limits)
  const leave = await turnstile.enter()
  const reason = new Error('closed')
  const waiting = expect(turnstile.enter()).rejects.toBe(reason)
  let isClosed = false
  const closing = turnstile.close(reason).then(() => {
    isClosed = true
  })
  await waiting
  await expect(turnstile.enter()).rejects.toBe(reason)
  expect(isClosed).toBe(false)
  leave()
  await closing
})

it.each([
  [{ waitTimeoutMs: 0, maxQueueLength: 1 }, 'acquireTimeoutMs'],
  [{ waitTimeoutMs: 1, maxQueueLength: 0 }, 'maxQueueLength'],
])('refuses the limits %o', (bad, option) => {
  expect(() => new Turnstile({ clock: systemClock, ...bad })).toThrow(invalidOption(option))
})
