import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { processMeter } from './process-meter.ts'

/** A process whose readings are the test's. */
function played(...readings: (number | undefined)[]) {
  return {
    hasEnded: false,
    get processorMs() {
      return readings.shift()
    },
  }
}

describe('the meter of a child process', () => {
  it('tells what the kernel tells, and nothing any more once it does not', async () => {
    const clock = new FakeClock()
    await clock.advance(5_000_000)
    const meter = processMeter(played(0, 40), clock)
    expect([await meter.usedMs(), await meter.usedMs()]).toEqual([0, 40])
    expect(await meter.usedMs()).toBeUndefined()
    expect(await meter.usedMs()).toBeUndefined()
  })

  it('tells the time that passes where the kernel told nothing at first', async () => {
    const clock = new FakeClock()
    const process = played(undefined, undefined, 40)
    const meter = processMeter(process, clock)
    const startMs = await meter.usedMs()
    await clock.advance(1000)
    expect([await meter.usedMs(), await meter.usedMs()]).toEqual([
      Number(startMs) + 1000,
      Number(startMs) + 1000,
    ])
    process.hasEnded = true
    expect(await meter.usedMs()).toBeUndefined()
  })
})
