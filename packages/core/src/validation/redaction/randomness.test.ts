import { expect, it } from 'vitest'
import { hasBothCases, hasDigit, hasRandomStretch } from './randomness.ts'

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

it.each([
  ['a1b2', 4],
  ['-a1b2', 4],
  ['word a1b2 word', 4],
  ['a1.b2c3d4', 6],
  ['aBcDeF', 6],
  ['aBcDef', 0],
  ['longest-word', 0],
])('the longest stretch of %j that no word has is of %d characters', (text, length) => {
  expect([hasRandomStretch(text, length), hasRandomStretch(text, length + 1)]).toEqual([true, false])
})
