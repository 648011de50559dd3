import { FakeClock } from '@golden-arch/core/time/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProcessorMeter } from './guest-process.ts'
import { pauseBeforeReading, watchProcessor } from './watch-processor.ts'

const unheard = (): void => expect.unreachable()

/** A guest that keeps some of its processors busy from the beginning, after a start that is not its own. */
function guest(
  clock: FakeClock,
  processors: number,
  busy = processors,
): { meter: ProcessorMeter; reading: { count: number } } {
  const reading = { count: 0 }
  const startMs = clock.monotonicMs()
  const usedMs = async (): Promise<number> => {
    reading.count++
    return 5000 + (clock.monotonicMs() - startMs) * busy
  }
  return { reading, meter: { processors, usedMs } }
}

describe('the watch over the processor', () => {
  it('says that the limit is spent, not before it is and little later, with few readings', async () => {
    const clock = new FakeClock()
    const { meter, reading } = guest(clock, 2)
    let spentAtMs: number | undefined
    const startMs = clock.monotonicMs()
    const onSpent = (): void => {
      spentAtMs = clock.monotonicMs() - startMs
    }
    await watchProcessor({ meter, limitMs: 4000, clock, onSpent, onFailure: unheard })
    await clock.advance(1999)
    expect(spentAtMs).toBeUndefined()
    await clock.advance(1)
    expect(spentAtMs).toBe(2000)
    expect(reading.count).toBe(2)
  })

  it('never says so of a guest that sleeps, nor after the watch has ended', async () => {
    const clock = new FakeClock()
    // Written down, as the watch takes what its listeners throw for a failure of the meter.
    const heard: string[] = []
    const options = {
      limitMs: 1000,
      clock,
      onSpent: () => heard.push('spent'),
      onFailure: () => heard.push('failed'),
    }
    await watchProcessor({ ...options, meter: guest(clock, 1, 0).meter })
    const end = await watchProcessor({ ...options, meter: guest(clock, 1).meter })
    const gate = Promise.withResolvers<number>()
    const readings = [Promise.resolve(0), gate.promise]
    const slow = { processors: 1, usedMs: () => readings.shift() ?? Promise.resolve(0) }
    const endSlow = await watchProcessor({ ...options, meter: slow })
    await clock.advance(500)
    const timers = clock.pendingCount
    end()
    expect(clock.pendingCount).toBe(timers - 1)
    await clock.advance(60_000)
    expect(readings).toEqual([])
    endSlow()
    gate.resolve(9000)
    await clock.advance(60_000)
    expect(heard).toEqual([])
  })

  it('says when the meter cannot be read', async () => {
    const clock = new FakeClock()
    const cause = new Error('no meter')
    const failing = { processors: 1, usedMs: () => Promise.reject(cause) }
    const options = { limitMs: 1000, clock, onSpent: unheard }
    await expect(watchProcessor({ ...options, meter: failing, onFailure: unheard })).rejects.toBe(cause)
    const readings = [async () => 0, async () => 500, () => Promise.reject(cause)]
    const meter = { processors: 1, usedMs: () => readings.shift()?.() ?? Promise.resolve(0) }
    const failures: unknown[] = []
    await watchProcessor({ ...options, meter, onFailure: (each) => failures.push(each) })
    await clock.advance(5000)
    expect(failures).toEqual([cause])
  })

  it('refuses a meter that shows nothing, and leaves a guest alone that has ended meanwhile', async () => {
    const clock = new FakeClock()
    const options = { limitMs: 1000, clock, onSpent: unheard, onFailure: unheard }
    const nothing = { processors: 1, usedMs: async () => undefined }
    await expect(watchProcessor({ ...options, meter: nothing })).rejects.toMatchObject({
      code: 'SANDBOX_INFRA',
    })
    const readings = [1, undefined]
    await watchProcessor({ ...options, meter: { processors: 1, usedMs: async () => readings.shift() } })
    await clock.advance(60_000)
    expect(readings).toEqual([])
  })

  it('never sleeps past the moment at which the limit may be spent by more than the least pause', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600_000 }),
        fc.double({ min: 0.1, max: 64, noNaN: true }),
        (left, processors) => {
          const pause = pauseBeforeReading(left, processors)
          expect(pause).toBeGreaterThanOrEqual(100)
          if (pause > 100) expect((pause - 1) * processors).toBeLessThanOrEqual(left)
        },
      ),
    )
  })
})
