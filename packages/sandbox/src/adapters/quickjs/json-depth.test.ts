import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonDepth } from './json-depth.ts'

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('jsonDepth', () => {
  it('counts what a walk over the value counts', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(jsonDepth(JSON.stringify(value))).toBe(depthOf(value))
      }),
    )
  })

  it('is not misled by brackets and quotes in strings', () => {
    expect(jsonDepth('"[[[{{{"')).toBe(0)
    expect(jsonDepth('["\\"[", "\\\\", {"[": []}]')).toBe(3)
  })

  it('needs no stack of its own', () => {
    expect(jsonDepth('['.repeat(500_000) + ']'.repeat(500_000))).toBe(500_000)
  })
})
