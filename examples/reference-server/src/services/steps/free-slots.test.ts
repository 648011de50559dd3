import { describe, expect, it } from 'vitest'
import { FreeSlots } from './free-slots.ts'

const never = new AbortController().signal

describe('free slots', () => {
  it('are handed to those who wait, in the order of asking', async () => {
    const slots = new FreeSlots(1)
    const order: string[] = []
    expect(await slots.take(never)).toBe(true)
    const waiting = ['a', 'b'].map(async (name) => {
      await slots.take(never)
      order.push(name)
    })
    slots.give()
    await waiting[0]
    expect(order).toEqual(['a'])
    slots.give()
    await waiting[1]
    slots.give()
    expect([order, slots.free]).toEqual([['a', 'b'], 1])
  })

  it('are lost to nobody who stops waiting', async () => {
    const slots = new FreeSlots(1)
    expect(slots.tryTake()).toBe(true)
    const stop = new AbortController()
    const waits = slots.take(stop.signal)
    stop.abort()
    expect(await waits).toBe(false)
    slots.give()
    expect(slots.tryTake()).toBe(true)
    expect(slots.tryTake()).toBe(false)
  })

  it('are given to nobody whose signal has fired', async () => {
    const slots = new FreeSlots(1)
    expect(await slots.take(AbortSignal.abort())).toBe(false)
    expect(slots.free).toBe(1)
  })
})
