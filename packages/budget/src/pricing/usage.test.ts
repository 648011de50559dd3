import { expect, test } from 'vitest'
import { type ResolvedUsage, usageOfHold } from './usage.ts'

const UNKNOWN: ResolvedUsage = {
  ...{ tokens: undefined, micros: undefined, currency: undefined, basis: 'estimate' },
  ...{ known: { tokens: 8, micros: 9 }, isPricedHere: false },
}

test.each([
  [{ tokens: 7, micros: 8 }, false, [8, 9]],
  [{ tokens: 8, micros: 9 }, false, [undefined, undefined]],
  [{ tokens: 7, micros: 9 }, false, [8, undefined]],
  [{ tokens: 8, micros: 8 }, false, [undefined, 9]],
  [{ tokens: 7, micros: 8 }, true, [undefined, undefined]],
])('of %j held, capped: %s, what is known beyond it counts: %j', (held, isCapped, [tokens, micros]) => {
  expect(usageOfHold(UNKNOWN, held, isCapped)).toEqual({ ...UNKNOWN, tokens, micros, known: undefined })
})
