import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCursor, parseCursor, START, withDelivered, withSettled } from './event-cursor.ts'

const position = fc.bigInt({ min: 1n, max: 10n ** 17n })

describe('a cursor', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(position, fc.uniqueArray(position, { maxLength: 64 }), (settled, behind) => {
        const delivered = behind.map((one) => settled + one)
        const cursor = delivered.reduce(withDelivered, { settled, delivered: [] })
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor)
      }),
    )
  })

  it('forgets what is settled, and never goes back', () => {
    const cursor = [3n, 9n, 5n].reduce(withDelivered, START)
    expect(cursor.delivered).toEqual([3n, 5n, 9n])
    expect(withSettled(cursor, 5n)).toEqual({ settled: 5n, delivered: [9n] })
    expect(withSettled(cursor, 9n, 4n)).toEqual({ settled: 4n, delivered: [5n, 9n] })
    expect(withSettled(withSettled(cursor, 9n), 2n)).toEqual({ settled: 9n, delivered: [] })
  })

  it('names 64 of what was delivered, the first ones', () => {
    const delivered = Array.from({ length: 100 }, (_, index) => BigInt(index + 1))
    expect(parseCursor(formatCursor({ settled: 0n, delivered }))?.delivered).toEqual(delivered.slice(0, 64))
  })

  it.each(['', 'a', '-1', '1,2', '1.', '1..2', '9'.repeat(19), `0${'.1'.repeat(65)}`])('is not %s', (text) =>
    expect(parseCursor(text)).toBeUndefined(),
  )
})
