import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { orderedPageBounds, pageBounds, pageOf } from './page.ts'

describe('pageBounds', () => {
  it('begins with 50 items, or as many as are asked for', () => {
    expect(pageBounds({})).toEqual({ limit: 50, position: undefined })
    expect(pageBounds({ limit: 500, cursor: '9223372036854775807' })).toEqual({
      limit: 500,
      position: 9223372036854775807n,
    })
  })

  test.each([
    ['limit', { limit: 0 }],
    ['limit', { limit: 501 }],
    ['limit', { limit: Number.NaN }],
    ['cursor', { cursor: '' }],
    ['cursor', { cursor: '0' }],
    ['cursor', { cursor: '01' }],
    ['cursor', { cursor: "1' OR 1=1" }],
    ['cursor', { cursor: '9223372036854775808' }],
    ['cursor', { cursor: 7 as never }],
  ])('refuses a %s that is none: %j', (option, options) => {
    expect(() => pageBounds(options)).toThrow(
      invalidOption(option, option === 'cursor' ? 'the nextCursor of a page' : undefined),
    )
  })
})

test('an order that is none is refused', () => {
  expect(() => orderedPageBounds({ order: 'random' as never })).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ option: 'order' }) }),
  )
})

test('pages followed by their cursors give each row once, in order, from either end', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 10_000 })),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('oldest', 'newest', undefined),
      (all, limit, order) => {
        const stored = all.sort((a, b) => (order === 'newest' ? b - a : a - b)).map(BigInt)
        const seen: number[] = []
        for (let cursor: string | null | undefined; cursor !== null; ) {
          const bounds = orderedPageBounds({ limit, order, cursor })
          expect(bounds.direction).toBe(order === 'newest' ? 'DESC' : 'ASC')
          const isBeyond = (one: bigint): boolean =>
            bounds.beyond === '<' ? one < bounds.position : one > bounds.position
          const rows = stored.filter(isBeyond).slice(0, limit + 1)
          const page = pageOf(rows, limit, Number, (row) => row)
          expect(page.items.length).toBeLessThanOrEqual(limit)
          seen.push(...page.items)
          cursor = page.nextCursor
        }
        expect(seen).toEqual(stored.map(Number))
      },
    ),
  )
})
