import { expect, it } from 'vitest'
import { numberOfText } from './number-text.ts'

it.each(['1e999', '-1e999', '1e-999', '9007199254740993'])('%s is no number that a double keeps', (text) => {
  expect(numberOfText(text)).toBeUndefined()
})

it.each<[string, number]>([
  ['0e5', 0],
  ['1e300', 1e300],
  [' 9007199254740991 ', 2 ** 53 - 1],
])('%j is %d', (text, value) => {
  expect(numberOfText(text)).toBe(value)
})
