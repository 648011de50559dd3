import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NamePattern } from './name-pattern.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '/'), minLength: 1, maxLength: 8 })
const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 10 })

it('a pattern fits the names that its regular expression would', () => {
  fc.assert(
    fc.property(text, name, (pattern, candidate) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`)
      expect(new NamePattern(pattern).matches(candidate)).toBe(expression.test(candidate))
    }),
    { numRuns: 2000 },
  )
})

it.each([
  ['ab*ba', 'aba', false],
  ['*ab*ba*', 'aba', false],
  ['*ab*ba*', 'abba', true],
  ['*aba*ba', 'ababa', true],
  ['*aba*aba*', 'ababa', false],
  ['a', 'ab', false],
])('of the pattern %s no two parts share a letter of %s: %s', (pattern, candidate, fits) => {
  expect(new NamePattern(pattern).matches(candidate)).toBe(fits)
})

it('a pattern without text is refused', () => {
  expect(() => new NamePattern('')).toThrow(invalidOption('pattern'))
})
