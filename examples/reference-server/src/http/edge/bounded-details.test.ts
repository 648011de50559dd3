import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundedDetails, cutText } from './bounded-details.ts'

const MAX_TEXT = 200
const MAX_CHARACTERS = 4096

describe('the details of a failure', () => {
  it('are left as they are where they are small', () => {
    const small = { allowed: ['GET', 'POST'], limit: 3, at: null, nested: { isOpen: true } }
    expect(boundedDetails(small)).toEqual(small)
    expect(boundedDetails(undefined)).toBeUndefined()
    expect(boundedDetails({ at: new Date(0) })).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })

  it('are of a few KB at most, whatever the client sent', () => {
    const anything = fc.anything({ maxDepth: 6, maxKeys: 200, withBigInt: true, withDate: true })
    const wide = fc.array(fc.dictionary(fc.string({ maxLength: 3000 }), anything, { maxKeys: 50 }), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(wide, (value) => {
        const length = (JSON.stringify(boundedDetails(value)) ?? '').length
        expect(length).toBeLessThan(4 * MAX_CHARACTERS)
      }),
      { numRuns: 30 },
    )
  })

  it('that are nothing within nothing, many times over, are cut too', () => {
    let wide: unknown = {}
    for (let level = 0; level < 8; level++) wide = Array.from({ length: 30 }, () => wide)
    expect(JSON.stringify(boundedDetails(wide)).length).toBeLessThan(2 * MAX_CHARACTERS)
  })

  it('that go round in a ring come to an end', () => {
    const ring: Record<string, unknown> = {}
    ring.self = ring
    expect(JSON.stringify(boundedDetails(ring)).length).toBeLessThan(MAX_CHARACTERS)
  })
})

describe('a text', () => {
  it('that is long is cut, and says how long it was', () => {
    expect(cutText('a'.repeat(MAX_TEXT), MAX_TEXT)).toBe('a'.repeat(MAX_TEXT))
    expect(cutText('a'.repeat(1000), 10)).toBe('aaaaaaaaaa... (1000 characters)')
  })

  it('is never cut within a character', () => {
    expect(cutText(`a${'\u{1f600}'.repeat(9)}`, 2).isWellFormed()).toBe(true)
  })
})
