import { expect, it } from 'vitest'
import { hasBothCases, hasDigit } from './randomness.ts'

it.each<[string, boolean, boolean]>([
  ['abc', false, false],
  ['ABC', false, false],
  ['aBc', true, false],
  ['aB1', true, true],
  ['123', false, true],
  ['', false, false],
])('%j has letters of both cases: %s, and a digit: %s', (text, both, digit) => {
  expect([hasBothCases(text), hasDigit(text)]).toEqual([both, digit])
})
