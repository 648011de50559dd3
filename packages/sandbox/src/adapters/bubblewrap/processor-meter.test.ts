import { describe, expect, it } from 'vitest'
import type { ControlGroup } from './control-group.ts'
import { processorMeter, processorMs } from './processor-meter.ts'

describe('the meter of a guest', () => {
  it('reads the control group where it counts', async () => {
    // Safe: of a group the meter reads this member alone.
    const group = { usedMs: 12 } as ControlGroup
    const meter = processorMeter(group, 2, () => 1)
    expect(meter.processors).toBe(2)
    expect(await meter.usedMs()).toBe(12)
  })

  it.runIf(process.platform === 'linux')('walks through the processes where none does', async () => {
    expect(await processorMeter(undefined, 2, () => process.pid).usedMs()).toBeGreaterThan(0)
    expect(await processorMeter(undefined, 2, () => undefined).usedMs()).toBeUndefined()
    expect(await processorMeter(undefined, 2, () => 2 ** 30).usedMs()).toBeUndefined()
  })

  it('adds up a process and the children that it waited for, whatever its name', () => {
    const stat = `7 (a) b (c)) S 1 7 7 0 -1 4194560 1 0 0 0 11 22 33 44 20 0 1 0 500`
    expect(processorMs(stat)).toBe(1100)
    expect(processorMs('')).toBeUndefined()
  })
})
