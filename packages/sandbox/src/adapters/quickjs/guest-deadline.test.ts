import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GuestDeadline } from './guest-deadline.ts'

/** Clocks that the test moves. */
class HandClocks {
  wall = 1000
  processor = 500
  looks = 0

  wallMs(): number {
    return this.wall
  }

  processorMs(): number {
    this.looks++
    return this.processor
  }
}

describe('GuestDeadline', () => {
  it('ends at the wall time, to the millisecond', () => {
    const clocks = new HandClocks()
    const deadline = new GuestDeadline({ timeoutMs: 100, cpuTimeMs: 600_000 }, clocks)
    clocks.wall += 99
    expect(deadline.spent()).toBeUndefined()
    clocks.wall += 1
    expect(deadline.spent()).toBe('wall')
  })

  it('does not count the time in which the thread did not run', () => {
    const clocks = new HandClocks()
    const deadline = new GuestDeadline({ timeoutMs: 10_000, cpuTimeMs: 100 }, clocks)
    clocks.wall += 5000
    clocks.processor += 99
    expect(deadline.spent()).toBeUndefined()
    clocks.wall += 1
    clocks.processor += 1
    expect(deadline.spent()).toBe('processor')
    expect(deadline.processorMs).toBe(100)
  })

  it('does not ask for the processor time before it can have run out', () => {
    const clocks = new HandClocks()
    const deadline = new GuestDeadline({ timeoutMs: 10_000, cpuTimeMs: 100 }, clocks)
    for (let turn = 0; turn < 99; turn++) {
      clocks.wall += 1
      deadline.spent()
    }
    expect(clocks.looks).toBe(1)
  })

  it('finds each of the two at the first look after it has run out, whatever the steps', () => {
    const step = fc.record({
      wall: fc.integer({ min: 0, max: 50 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    const limit = fc.integer({ min: 1, max: 300 })
    fc.assert(
      fc.property(limit, limit, fc.array(step, { maxLength: 40 }), (timeoutMs, cpuTimeMs, steps) => {
        const clocks = new HandClocks()
        const deadline = new GuestDeadline({ timeoutMs, cpuTimeMs }, clocks)
        const [wallStart, processorStart] = [clocks.wall, clocks.processor]
        for (const { wall, share } of steps) {
          clocks.wall += wall
          clocks.processor += Math.floor(wall * share)
          const isOver =
            clocks.wall - wallStart >= timeoutMs || clocks.processor - processorStart >= cpuTimeMs
          expect(deadline.spent() !== undefined).toBe(isOver)
        }
      }),
    )
  })
})
