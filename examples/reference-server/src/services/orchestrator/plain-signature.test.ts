import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainSignature } from './plain-signature.ts'

describe('a plain signature', () => {
  it.each([
    ['export function f(x: number): number {', 'function f(x: number): number'],
    ['  export default function f(): { a: number };\n', 'function f(): { a: number }'],
    ['function f(): void', 'function f(): void'],
    ['export', 'export'],
    [' { ', ' { '],
  ])('of %j is %j', (signature, plain) => {
    expect(plainSignature(signature)).toBe(plain)
  })

  it('is its own plain form, and never longer', () => {
    fc.assert(
      fc.property(fc.string(), (signature) => {
        const plain = plainSignature(signature)
        expect(plainSignature(plain)).toBe(plain)
        expect(plain.length).toBeLessThanOrEqual(signature.length)
      }),
    )
  })
})
