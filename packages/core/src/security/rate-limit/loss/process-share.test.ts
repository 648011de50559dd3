import fc from 'fast-check'
import { expect, it } from 'vitest'
import { processShare } from './process-share.ts'

it('a limit is split evenly, and what is left goes to the first processes where they know their number', () => {
  expect([processShare(100, 3), processShare(100, 3, 0), processShare(100, 3, 1)]).toEqual([33, 34, 33])
  expect([processShare(5, 8), processShare(5, 8, 4), processShare(5, 8, 5)]).toEqual([0, 1, 0])
  expect(processShare(100, 1)).toBe(100)
})

it('the shares of all processes together make up the limit and never more', () => {
  const count = fc.integer({ min: 1, max: 200 })
  fc.assert(
    fc.property(count, count, (limit, instances) => {
      const numbered = Array.from({ length: instances }, (_, index) => processShare(limit, instances, index))
      expect(numbered.reduce((sum, share) => sum + share)).toBe(limit)
      expect(processShare(limit, instances) * instances).toBeLessThanOrEqual(limit)
    }),
  )
})
