import type { SqlDatabase } from '@golden-arch/core/storage'
import { describe, expect, it } from 'vitest'
import type { BilledCall } from '../scripted-model/bill.ts'
import { SCRIPTED_PRICES } from '../scripted-model/scripted-prices.ts'
import { checkBill, type Finding } from './check-bill.ts'

const PAID = {
  request_id: 't|generate|1|1',
  status: 'committed',
  model: 'scripted',
  used_tokens: 700n,
  // 300 of input at 1 USD a million, 400 of output at 4.
  used_micros: 1900n,
  usage_basis: 'actual',
  effect: 'done',
}
const BILLED: BilledCall = {
  key: PAID.request_id,
  step: 't|generate|1|1',
  requests: 1,
  tokens: 700,
  input_tokens: 300,
  end: 'told',
}

function check(paid: object, ...calls: readonly BilledCall[]): Promise<Finding> {
  // Only one query is made, and its rows are looked at alone.
  const database = {
    query: async () => ({ rows: [{ ...PAID, ...paid }], rowCount: 1 }),
  } as unknown as SqlDatabase
  const bill = { billed_tokens: 700, requests: calls.length, calls }
  return checkBill(database, bill, SCRIPTED_PRICES)
}

describe("the budget beside the model's bill", () => {
  it('is right where each call is paid as it was billed, in tokens and in money', async () => {
    const { figures, problems } = await check({}, BILLED)
    expect(problems).toEqual([])
    expect(figures).toMatchObject({ 'their tokens in the budget': 700, 'their tokens on the bill': 700 })
  })

  it.each<[string, object, RegExp]>([
    ['too few tokens', { used_tokens: 699n }, /paid with 699 tokens, and cost 700/],
    ['another amount of money', { used_micros: 1899n }, /paid with 1899 micro-units of money, and cost 1900/],
    ['no money', { used_micros: 0n }, /paid with 0 micro-units/],
    [
      'nothing, as its hold was given back',
      { status: 'released', usage_basis: null },
      /cost 700 tokens, and its hold is released/,
    ],
    ['nothing yet', { status: 'held' }, /never settled/],
  ])('is wrong where a call is paid with %s', async (_, paid, problem) => {
    const { problems } = await check(paid, BILLED)
    expect(problems).toEqual([expect.stringMatching(problem)])
  })

  it('is wrong where a call was sent twice, or without a hold', async () => {
    expect((await check({}, { ...BILLED, requests: 2 })).problems).toEqual([
      expect.stringContaining('made 2 times'),
    ])
    expect((await check({}, BILLED, { ...BILLED, key: 'other' })).problems).toEqual([
      expect.stringContaining('without a hold'),
    ])
  })
})
