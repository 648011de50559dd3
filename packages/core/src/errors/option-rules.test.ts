import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidOptionError, requireInteger, requireOneOf, requireText } from './index.ts'
import { describeReceived } from './invalid-option-error.ts'

function refusalOf(act: () => unknown): InvalidOptionError {
  try {
    act()
  } catch (error) {
    if (error instanceof InvalidOptionError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('requireInteger', () => {
  it('gives back exactly the integers within the bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (a, b, value) => {
        const [min, max] = a < b ? [a, b] : [b, a]
        if (value >= min && value <= max) expect(requireInteger('n', value, { min, max })).toBe(value)
        else expect(refusalOf(() => requireInteger('n', value, { min, max })).code).toBe('INVALID_OPTION')
      }),
    )
  })

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null, undefined, 1n, -1])(
    'refuses %s by default',
    (value) => {
      expect(refusalOf(() => requireInteger('n', value)).details).toMatchObject({ option: 'n' })
    },
  )
})

describe('requireText', () => {
  it('refuses empty and over-long text, control characters and what is no text', () => {
    for (const value of ['', 'abcd', 'a\nb', 'a\u0000', '\u007f', 7, null, ['a']]) {
      expect(refusalOf(() => requireText('t', value, 3)).code).toBe('INVALID_OPTION')
    }
    expect(requireText('t', 'äö', 3)).toBe('äö')
  })

  it('refuses half a character, which any store would keep as another text', () => {
    for (const value of ['a\ud83d', '\ude42', '\ude42\ud83d']) {
      expect(refusalOf(() => requireText('t', value)).details).toMatchObject({
        rule: 'well-formed Unicode text',
      })
    }
    expect(requireText('t', '\ud83d\ude42')).toBe('🙂')
  })
})

describe('requireOneOf', () => {
  it('names the option, the rule and the value that it refuses', () => {
    expect(requireOneOf('mode', 'on', ['on', 'off'])).toBe('on')
    const refusal = refusalOf(() => requireOneOf('mode', 'auto', ['on', 'off']))
    expect(refusal.message).toBe('option mode must be one of on, off, received "auto"')
    expect(refusal.details).toEqual({ option: 'mode', rule: 'one of on, off', received: '"auto"' })
  })
})

describe('describeReceived', () => {
  it('stays short for a value of any type', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
        expect(describeReceived(value).length).toBeLessThan(600)
      }),
    )
    expect(describeReceived('x'.repeat(1000)).length).toBeLessThan(90)
    expect(describeReceived(10n ** 500n).length).toBeLessThan(90)
  })
})
