import { describeWithService, randomName } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { holdRealSchedules, holdSimulatedSchedules } from './testing/schedule-scenarios.ts'

describeWithService('redis', 'three processes that share limits', (address) => {
  test('never admit more than the limit in any minute of a random schedule, and deny only what exceeds it', async () => {
    const figures = await holdSimulatedSchedules(address, randomName('schedule'), 100, 1)
    expect(figures.schedules).toBe(100)
    // Else nothing would have been put to the test.
    expect(figures.full).toBeGreaterThan(20)
  })

  test('never admit more than the limit in any window of real time', async () => {
    const figures = await holdRealSchedules(address, randomName('schedule'), 20, 300, 1500)
    expect(figures.schedules).toBe(20)
    expect(figures.admitted).toBeGreaterThan(0)
  })
})
