import { expect, test } from 'vitest'
import type { ReservationRow } from '../ledger/reservation-row.ts'
import { isCommittedWith, type ResolvedUsage, usageOfHold } from './usage.ts'

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

const USED: ResolvedUsage = {
  ...{ tokens: 8, micros: 9, currency: 'USD', basis: 'actual' },
  ...{ known: undefined, isPricedHere: false },
}

test.each([
  [{}, {}, true],
  [{ status: 'late' }, {}, true],
  [{ status: 'expired' }, {}, false],
  [{}, { basis: 'estimate' }, false],
  [{}, { tokens: 7 }, false],
  [{}, { micros: 8 }, false],
  [{}, { micros: 8, isPricedHere: true }, true],
  [{ reported_tokens: 20n }, { tokens: undefined }, true],
  [{ reported_micros: 30n }, { micros: undefined }, true],
  [{}, { tokens: undefined }, false],
  [{}, { micros: undefined }, false],
] as const)('a row with $0 is committed with a usage of $1: $2', (row, usage, is) => {
  const columns = { status: 'committed', usage_basis: 'actual', reported_tokens: 8n, reported_micros: 9n }
  // Of the row these columns alone are read.
  const committed = { ...columns, tokens: 20n, micros: 30n, ...row } as ReservationRow
  expect(isCommittedWith(committed, { ...USED, ...usage })).toBe(is)
})
