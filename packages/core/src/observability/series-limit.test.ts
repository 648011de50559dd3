import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SeriesLimit } from './series-limit.ts'

const anyLabels = fc.record({ a: fc.string({ maxLength: 3 }), b: fc.string({ maxLength: 3 }) })

it('lets no metric have more series than it may, and one for all others', () => {
  fc.assert(
    fc.property(fc.array(anyLabels, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (asked, max) => {
      const limit = new SeriesLimit(['a', 'b'], max)
      const given = asked.map((labels) => limit.admit(labels))
      expect(new Set(given.map((labels) => JSON.stringify([labels.a, labels.b]))).size).toBeLessThanOrEqual(
        max + 1,
      )
      // Who has a place keeps it.
      for (const [index, labels] of asked.entries()) expect(limit.admit(labels)).toEqual(given[index])
    }),
  )
})

it('gives those who come first their own series, and a forgotten place to another', () => {
  const limit = new SeriesLimit(['code'], 2)
  expect(limit.admit({ code: 'a' })).toEqual({ code: 'a' })
  expect(limit.admit({ code: 'b' })).toEqual({ code: 'b' })
  expect(limit.admit({ code: 'c' })).toEqual({ code: 'other' })
  expect([limit.forget({ code: 'a' }), limit.forget({ code: 'c' })]).toEqual([true, false])
  expect(limit.admit({ code: 'c' })).toEqual({ code: 'c' })
})

it('counts nothing for a metric without labels', () => {
  expect(new SeriesLimit([], 1).admit({})).toEqual({})
})
