import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { WarmPool, type WarmPoolOptions } from './warm-pool.ts'

interface Guest {
  readonly number: number
  isUsable: boolean
}

/** A pool whose guests are numbered in the order of their start. */
function pool(more: Partial<WarmPoolOptions<Guest>> = {}): {
  pool: WarmPool<Guest>
  clock: FakeClock
  started: Guest[]
  discarded: number[]
  failures: unknown[]
} {
  const clock = new FakeClock()
  const started: Guest[] = []
  const discarded: number[] = []
  const failures: unknown[] = []
  const options: WarmPoolOptions<Guest> = {
    minCount: 1,
    maxCount: 3,
    maxAgeMs: 1000,
    clock,
    start: async () => {
      const guest = { number: started.length, isUsable: true }
      started.push(guest)
      return guest
    },
    discard: ({ number }) => discarded.push(number),
    onStartFailure: (cause) => failures.push(cause),
    ...more,
  }
  return { pool: new WarmPool(options), clock, started, discarded, failures }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the pool of guests that were started ahead', () => {
  it('hands each guest out once, and starts another in its place', async () => {
    const { pool: warm, started } = pool()
    await warm.refill()
    expect(warm.count).toBe(1)
    expect(warm.take()?.number).toBe(0)
    expect(warm.count).toBe(0)
    await settled()
    expect(warm.take()?.number).toBe(1)
    expect(started.length).toBeGreaterThanOrEqual(2)
  })

  it('keeps more after misses, up to its bound, and fewer again when they grow old unused', async () => {
    const { pool: warm, clock } = pool()
    for (let miss = 0; miss < 9; miss++) {
      while (warm.take() !== undefined);
      await settled()
    }
    expect(warm.count).toBe(3)
    await clock.advance(1001)
    warm.look()
    await settled()
    expect(warm.count).toBe(1)
  })

  it('hands out no guest that died or grew old, and discards it', async () => {
    const { pool: warm, clock, started, discarded } = pool()
    await warm.refill()
    for (const guest of started) guest.isUsable = false
    expect(warm.take()).toBeUndefined()
    expect(discarded).toEqual([0])
    await settled()
    await clock.advance(1000)
    expect(warm.take()).toBeUndefined()
    expect(discarded.length).toBeGreaterThanOrEqual(2)
  })

  it('tells of a start that failed, and tries again with the next demand, not by itself', async () => {
    let tries = 0
    const { pool: warm, failures } = pool({
      start: () => {
        tries++
        return Promise.reject(new Error('no'))
      },
    })
    await warm.refill()
    expect([tries, failures.length]).toEqual([1, 1])
    warm.take()
    await settled()
    expect([tries, failures.length]).toEqual([2, 2])
  })

  it('starts one guest at a time', async () => {
    let running = 0
    let most = 0
    const { pool: warm } = pool({
      minCount: 3,
      start: async () => {
        running++
        most = Math.max(most, running)
        await settled()
        running--
        return { number: 0, isUsable: true }
      },
    })
    await Promise.all([warm.refill(), warm.refill()])
    expect([most, warm.count]).toEqual([1, 3])
  })

  it('discards all when it is closed, the one that is being started too, and tells of no failure then', async () => {
    const starting = Promise.withResolvers<Guest>()
    const { pool: warm, discarded, failures } = pool({ start: () => starting.promise })
    const filling = warm.refill()
    warm.close()
    starting.resolve({ number: 7, isUsable: true })
    await filling
    expect(discarded).toEqual([7])
    const failing = Promise.withResolvers<Guest>()
    const other = pool({ start: () => failing.promise })
    const trying = other.pool.refill()
    other.pool.close()
    failing.reject(new Error('no'))
    await trying
    expect([...failures, ...other.failures]).toEqual([])
  })

  it('keeps none where none are wanted', async () => {
    const { pool: warm, started } = pool({ minCount: 0, maxCount: 0 })
    await warm.refill()
    expect(warm.take()).toBeUndefined()
    await settled()
    expect(started).toEqual([])
  })
})
