import { describe, expect, it } from 'vitest'
import { type ReservationHandle, ReservationHandles } from './reservation-handles.ts'

/** Handles are told apart by their revision here; what they hold else is nobody's matter. */
function handle(revision: number): ReservationHandle {
  // Nothing reads the reservation.
  const reservation = {} as ReservationHandle['reservation']
  return { reservation, revision, path: '{}', place: undefined }
}

function remembered(handles: ReservationHandles, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => handles.get(key) !== undefined)
}

describe('handles of holds', () => {
  it('are the latest half of as many as may be remembered, at least, and never more than all', () => {
    for (const maxCount of [1, 2, 3, 10, 11]) {
      const handles = new ReservationHandles(maxCount)
      const keys = Array.from({ length: 50 }, (_, index) => `hold-${index}`)
      for (const [index, key] of keys.entries()) {
        handles.set(key, handle(index))
        const set = keys.slice(0, index + 1)
        const found = remembered(handles, set)
        expect(found.length).toBeLessThanOrEqual(maxCount)
        expect(found).toEqual(expect.arrayContaining(set.slice(-Math.max(1, Math.floor(maxCount / 2)))))
      }
    }
  })

  it('are found as they were set last, and not once they were deleted, whichever half they are in', () => {
    const handles = new ReservationHandles(6)
    handles.set('a', handle(1))
    handles.set('b', handle(1))
    handles.set('c', handle(1))
    handles.set('a', handle(2))
    expect(handles.get('a')?.revision).toBe(2)
    handles.delete('a')
    handles.delete('b')
    expect(remembered(handles, ['a', 'b', 'c'])).toEqual(['c'])
  })
})
