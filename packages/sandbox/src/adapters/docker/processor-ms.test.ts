import { expect, it } from 'vitest'
import { processorMs } from './processor-ms.ts'

it('reads the time of the processor from the figures of an engine', () => {
  expect(processorMs({ cpu_stats: { cpu_usage: { total_usage: 29_126_041 } } })).toBeCloseTo(29.126)
})

it.each([
  [undefined],
  [null],
  ['text'],
  [{}],
  [{ cpu_stats: null }],
  [{ cpu_stats: { cpu_usage: { total_usage: 0 } } }],
  [{ cpu_stats: { cpu_usage: { total_usage: '1' } } }],
])('finds none in %j', (stats) => {
  expect(processorMs(stats)).toBeUndefined()
})
