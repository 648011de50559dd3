import { describe, expect, it } from 'vitest'
import { leftOpen } from './left-open.ts'

describe('what a text leaves open', () => {
  it.each([
    ['{"a": 1}', []],
    ['{"a": [1}', ['isInBracket']],
    ['{"a": "}', ['isInString', 'hasOddQuote']],
    ['{"a": "\\"}', ['isInString', 'hasOddQuote']],
    ['{"a": "\\\\"}', []],
    ["{'a': 'it's}", ['isInString']],
    ["{'a': 'it's'}", []],
    ['{“a”: “}', ['isInString']],
    ['{a: `}', ['isInString']],
    ['{"a" "}', ['hasOddQuote']],
    ["[x] doesn't", []],
    ["[x]} it is so: 'said he", []],
    ['{a: "[", b: x}', ['isInBracket']],
  ])('is told of %s', (text, open) => {
    expect(Object.entries(leftOpen(text)).flatMap(([name, is]) => (is ? [name] : []))).toEqual(open)
  })
})
