import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headerOf, retryAfterMs } from './retry-after.ts'

const NOW = new Date('1994-11-06T08:49:00.000Z')

test.each([
  [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
  [{ 'retry-after': '2' }, 2000],
  [{ 'Retry-After': ' 0.5 ' }, 500],
  [{ 'retry-after': ['3', '4'] }, 3000],
  [{ 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 37_000],
  [{ 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 37_000],
  [{ 'retry-after': 'Sun Nov  6 08:49:37 1994' }, 37_000],
  [{ 'retry-after': 'Sun, 06 Nov 1994 08:48:00 GMT' }, 0],
  [{ 'retry-after-ms': 'soon', 'retry-after': '1' }, 1000],
])('%j asks for %i ms', (headers, expected) => {
  expect(retryAfterMs(headers, NOW)).toBe(expected)
  expect(
    retryAfterMs(new Headers(Object.entries(headers).map(([k, v]) => [k, String([v].flat()[0])])), NOW),
  ).toBe(expected)
})

test.each([
  '',
  '-1',
  'soon',
  '1e3',
  '0x10',
  '2026-01-01',
  'NaN',
  'Infinity',
  'Sun, 99 Nov 1994 08:49:37 GMT',
])('%j asks for nothing', (value) => {
  expect(retryAfterMs({ 'retry-after': value, 'retry-after-ms': value }, NOW)).toBeUndefined()
})

test('whatever the header says, the answer is undefined or a finite wait that is not negative', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (seconds, precise) => {
      const waitMs = retryAfterMs({ 'retry-after': seconds, 'retry-after-ms': precise }, NOW)
      expect(waitMs === undefined || (Number.isFinite(waitMs) && waitMs >= 0)).toBe(true)
    }),
  )
})

test('a header is found whatever its case, and one without a text is none', () => {
  expect(headerOf({ 'X-Should-Retry': 'true' }, 'x-should-retry')).toBe('true')
  expect(headerOf({ 'retry-after': undefined }, 'retry-after')).toBeUndefined()
  expect(headerOf(new Headers(), 'retry-after')).toBeUndefined()
})
