import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGuestError } from './guest-error.ts'

describe('parseGuestError', () => {
  it('gives three bounded texts or nothing, whatever it is fed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (json) => {
        const error = parseGuestError(json)
        if (error === undefined) return
        expect(Object.keys(error)).toEqual(['name', 'message', 'stack'])
        expect(Object.values(error).every((text) => typeof text === 'string')).toBe(true)
      }),
    )
  })

  it('cuts what is too long', () => {
    const long = 'x'.repeat(100_000)
    const error = parseGuestError(JSON.stringify({ name: long, message: long, stack: long }))
    expect(error).toEqual({ name: 'x'.repeat(128), message: 'x'.repeat(4096), stack: 'x'.repeat(8192) })
  })

  it('says nothing where there is nothing to read', () => {
    for (const json of [undefined, '', 'null', '1', '{']) expect(parseGuestError(json)).toBeUndefined()
  })
})
