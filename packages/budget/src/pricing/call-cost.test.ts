import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actualCost, estimateCost } from './call-cost.ts'
import type { ModelUsage } from './model-usage.ts'
import { createPriceTable } from './price-table.ts'

const prices = createPriceTable({
  version: 'test',
  effectiveFrom: new Date(0),
  currency: 'USD',
  models: {
    // 2.50 in, 10.00 out, 1.25 cached.
    plain: { input: 2_500_000, output: 10_000_000, cachedRead: 1_250_000 },
    // 3.00 in, 15.00 out, cache 0.30 read and 3.75 written; above 200000 tokens 6.00, 22.50, 0.60 and 7.50.
    tiered: {
      input: 3_000_000,
      output: 15_000_000,
      cachedRead: 300_000,
      cachedWrite: 3_750_000,
      tiers: [
        {
          aboveInputTokens: 200_000,
          input: 6_000_000,
          output: 22_500_000,
          cachedRead: 600_000,
          cachedWrite: 7_500_000,
        },
      ],
    },
    // 0.10 in, 0.40 out, reasoning 3.50, and 0.035 for each call.
    thinking: { input: 100_000, output: 400_000, reasoning: 3_500_000, perRequest: 35_000 },
    tiny: { input: 1, output: 1 },
    free: { input: 0, output: 0 },
    vast: { input: 10n ** 15n, output: 10n ** 15n },
  },
})
const cost = (model: string, usage: ModelUsage) => {
  const answer = actualCost(prices, { model, usage })
  return [answer.cost.micros, answer.tokens, answer.basis]
}

describe('what a call cost', () => {
  it.each<[string, string, ModelUsage, bigint, number]>([
    [
      '1000 × 2.50 + 500 × 10.00 per million',
      'plain',
      { inputTokens: 1000, outputTokens: 500 },
      7_500n,
      1500,
    ],
    [
      'cached tokens inside the input: 200 × 2.50 + 800 × 1.25 + 100 × 10.00',
      'plain',
      { inputTokens: 1000, cachedReadTokens: 800, outputTokens: 100 },
      2_500n,
      1100,
    ],
    [
      'cached tokens beside the input: 50 × 3.00 + 2000 × 0.30 + 1000 × 3.75 + 100 × 15.00',
      'tiered',
      {
        inputTokens: 50,
        cachedReadTokens: 2000,
        cachedWriteTokens: 1000,
        outputTokens: 100,
        inputIncludesCached: false,
      },
      6_000n,
      3150,
    ],
    [
      'the last token of the lower tier: 200000 × 3.00 + 1000 × 15.00',
      'tiered',
      { inputTokens: 200_000, outputTokens: 1000 },
      615_000n,
      201_000,
    ],
    [
      'the first token of the upper tier prices the whole call: 200001 × 6.00 + 1000 × 22.50',
      'tiered',
      { inputTokens: 200_001, outputTokens: 1000 },
      1_222_506n,
      201_001,
    ],
    [
      'cached tokens count for the tier: 1000 × 6.00 + 250000 × 0.60 + 10 × 22.50',
      'tiered',
      { inputTokens: 1000, cachedReadTokens: 250_000, outputTokens: 10, inputIncludesCached: false },
      156_225n,
      251_010,
    ],
    [
      'reasoning inside the output, and the fee: 0.035 + 1000 × 0.10 + 200 × 0.40 + 300 × 3.50',
      'thinking',
      { inputTokens: 1000, outputTokens: 500, reasoningTokens: 300 },
      36_230n,
      1500,
    ],
    [
      'reasoning beside the output: 0.035 + 1000 × 0.10 + 500 × 0.40 + 300 × 3.50',
      'thinking',
      { inputTokens: 1000, outputTokens: 500, reasoningTokens: 300, outputIncludesReasoning: false },
      36_350n,
      1800,
    ],
    [
      'two millionths of a micro-unit round up to one, once',
      'tiny',
      { inputTokens: 1, outputTokens: 1 },
      1n,
      2,
    ],
    ['a call without a token costs its fee', 'thinking', { inputTokens: 0, outputTokens: 0 }, 35_000n, 0],
    ['a free model costs nothing', 'free', { inputTokens: 5, outputTokens: 5 }, 0n, 10],
  ])('%s', (_, model, usage, micros, tokens) => {
    expect(cost(model, usage)).toEqual([micros, tokens, 'actual'])
  })

  it.each<[string, ModelUsage, bigint, number]>([
    ['nothing is known', {}, 0n, 0],
    ['the output is unknown', { inputTokens: 1000 }, 2_500n, 1000],
    ['the input is unknown', { outputTokens: 100, cachedReadTokens: 800 }, 2_000n, 900],
    [
      'more was cached than there was',
      { inputTokens: 5, cachedReadTokens: 800, outputTokens: 0 },
      1_000n,
      800,
    ],
    ['more reasoning than output', { inputTokens: 0, outputTokens: 5, reasoningTokens: 6 }, 60n, 6],
  ])('%s: an estimate, with the part that is known', (_, usage, micros, tokens) => {
    expect(cost('plain', usage)).toEqual([micros, tokens, 'estimate'])
  })

  it('an unknown model, a vast sum and a bad count are typed errors', () => {
    const unknown = { code: 'UNKNOWN_MODEL', details: expect.objectContaining({ model: 'none' }) }
    expect(() => cost('none', {})).toThrow(expect.objectContaining(unknown))
    expect(() => cost('vast', { inputTokens: 2 ** 52, outputTokens: 0 })).toThrow(
      expect.objectContaining({ code: 'MONEY_OUT_OF_RANGE' }),
    )
    expect(() => cost('plain', { inputTokens: -1 })).toThrow(invalidOption('usage.inputTokens'))
  })
})

describe('what a call may cost', () => {
  const estimate = (model: string, inputTokens: number, maxOutputTokens: number) =>
    estimateCost(prices, { model, inputTokens, maxOutputTokens }).micros

  it.each<[string, string, number, number, bigint]>([
    ['1000 × 2.50 + 500 × 10.00', 'plain', 1000, 500, 7_500n],
    ['all input may be written to the cache: 1000 × 3.75 + 500 × 15.00', 'tiered', 1000, 500, 11_250n],
    ['the upper tier: 200001 × 7.50 + 1000 × 22.50, rounded up', 'tiered', 200_001, 1000, 1_522_508n],
    ['all output may be reasoning: 0.035 + 1000 × 0.10 + 500 × 3.50', 'thinking', 1000, 500, 36_850n],
    ['a free model', 'free', 1000, 500, 0n],
  ])('%s', (_, model, input, output, micros) => {
    expect(estimate(model, input, output)).toBe(micros)
  })

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('%d tokens are refused', (tokens) => {
    expect(() => estimate('plain', tokens, 1)).toThrow(invalidOption('inputTokens'))
    expect(() => estimate('plain', 1, tokens)).toThrow(invalidOption('maxOutputTokens'))
  })
})

const rate = fc.bigInt({ min: 0n, max: 10n ** 9n })
const rates = fc.record({ input: rate, output: rate, cachedRead: rate, cachedWrite: rate, reasoning: rate })
const anyTable = fc
  .record({
    price: rates,
    perRequest: rate,
    tiers: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 3000 }), rates), {
      selector: ([bound]) => bound,
      maxLength: 3,
    }),
  })
  .map(({ price, perRequest, tiers }) =>
    createPriceTable({
      version: 'any',
      effectiveFrom: new Date(0),
      currency: 'EUR',
      models: {
        m: {
          ...price,
          perRequest,
          tiers: tiers.map(([aboveInputTokens, tier]) => ({ ...tier, aboveInputTokens })),
        },
      },
    }),
  )
const tokens = fc.integer({ min: 0, max: 2000 })
const parts = fc.record({ plain: tokens, read: tokens, write: tokens, answer: tokens, reasoning: tokens })

describe('for any price table and any call', () => {
  it('what it cost is never more than what was held for its tokens', () => {
    fc.assert(
      fc.property(anyTable, parts, tokens, tokens, (table, used, spareInput, spareOutput) => {
        const inputTokens = used.plain + used.read + used.write
        const outputTokens = used.answer + used.reasoning
        const held = estimateCost(table, {
          model: 'm',
          inputTokens: inputTokens + spareInput,
          maxOutputTokens: outputTokens + spareOutput,
        })
        const usage = {
          inputTokens,
          cachedReadTokens: used.read,
          cachedWriteTokens: used.write,
          outputTokens,
          reasoningTokens: used.reasoning,
        }
        expect(actualCost(table, { model: 'm', usage }).cost.micros <= held.micros).toBe(true)
      }),
    )
  })

  it('it costs the same whether details are counted inside the totals or beside them', () => {
    fc.assert(
      fc.property(anyTable, parts, (table, used) => {
        const details = {
          cachedReadTokens: used.read,
          cachedWriteTokens: used.write,
          reasoningTokens: used.reasoning,
        }
        const inside: ModelUsage = {
          ...details,
          inputTokens: used.plain + used.read + used.write,
          outputTokens: used.answer + used.reasoning,
        }
        const beside: ModelUsage = {
          ...details,
          inputTokens: used.plain,
          outputTokens: used.answer,
          inputIncludesCached: false,
          outputIncludesReasoning: false,
        }
        expect(actualCost(table, { model: 'm', usage: beside })).toEqual(
          actualCost(table, { model: 'm', usage: inside }),
        )
      }),
    )
  })

  it('rounding adds less than one micro-unit to the call', () => {
    fc.assert(
      fc.property(rates, parts, (price, used) => {
        const table = createPriceTable({
          version: 'any',
          effectiveFrom: new Date(0),
          currency: 'EUR',
          models: { m: price },
        })
        const usage = {
          inputTokens: used.plain,
          cachedReadTokens: used.read,
          cachedWriteTokens: used.write,
          outputTokens: used.answer,
          reasoningTokens: used.reasoning,
          inputIncludesCached: false,
          outputIncludesReasoning: false,
        }
        const exact =
          BigInt(used.plain) * price.input +
          BigInt(used.read) * price.cachedRead +
          BigInt(used.write) * price.cachedWrite +
          BigInt(used.answer) * price.output +
          BigInt(used.reasoning) * price.reasoning
        const charged = actualCost(table, { model: 'm', usage }).cost.micros * 1_000_000n
        expect(charged - exact >= 0n && charged - exact < 1_000_000n).toBe(true)
      }),
    )
  })
})
