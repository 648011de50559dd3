import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { createPriceTable, type PriceTableOptions, priceOf, priceTableAt } from './price-table.ts'

const valid: PriceTableOptions = {
  version: '2026-11',
  effectiveFrom: new Date('2026-11-01T00:00:00Z'),
  currency: 'USD',
  models: { small: { input: 150_000, output: 600_000n } },
}

describe('a price table', () => {
  it('fills in what is left out without assuming a discount', () => {
    expect(priceOf(createPriceTable(valid), 'small')).toEqual({
      input: 150_000n,
      output: 600_000n,
      cachedRead: 150_000n,
      cachedWrite: 150_000n,
      reasoning: 600_000n,
      perRequest: 0n,
      tiers: [],
    })
  })

  it('orders the tiers by their bound', () => {
    const tiers = [
      { aboveInputTokens: 1000, input: 3, output: 3 },
      { aboveInputTokens: 10, input: 2, output: 2 },
    ]
    const table = createPriceTable({ ...valid, models: { small: { input: 1, output: 1, tiers } } })
    expect(priceOf(table, 'small').tiers.map((tier) => tier.aboveInputTokens)).toEqual([10, 1000])
  })

  it('an unknown model is a typed error that names it', () => {
    expect(() => priceOf(createPriceTable(valid), 'large')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_MODEL', details: { model: 'large', version: '2026-11' } }),
    )
  })

  it.each(['constructor', '__proto__', 'toString'])('%s is no model that objects bring along', (model) => {
    expect(() => priceOf(createPriceTable(valid), model)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_MODEL', details: { model, version: '2026-11' } }),
    )
  })

  it('a default price covers the models that it does not name', () => {
    const table = createPriceTable({ ...valid, default: { input: 7, output: 8 } })
    expect(priceOf(table, 'large').input).toBe(7n)
    expect(priceOf(table, 'small').input).toBe(150_000n)
  })

  it('names ten thousand models at most', () => {
    const models = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, { input: 1, output: 1 }]))
    expect(priceOf(createPriceTable({ ...valid, models: models(10_000) }), 'm9999').input).toBe(1n)
    expect(() => createPriceTable({ ...valid, models: models(10_001) })).toThrow('models')
  })

  it('says what a table and its date must be', () => {
    // Safe: what a caller without types could hand over.
    expect(() => createPriceTable(null as unknown as PriceTableOptions)).toThrow(invalidOption('prices'))
    const never = { ...valid, effectiveFrom: new Date(Number.NaN) }
    expect(() => createPriceTable(never)).toThrow(invalidOption('effectiveFrom', 'a valid Date'))
  })

  it('does not change when the options do afterwards', () => {
    const effectiveFrom = new Date('2026-11-01T00:00:00Z')
    const table = createPriceTable({ ...valid, effectiveFrom })
    effectiveFrom.setFullYear(2030)
    expect(table.effectiveFrom.getUTCFullYear()).toBe(2026)
  })

  it.each<[string, object]>([
    ['version', { version: '' }],
    ['effectiveFrom', { effectiveFrom: new Date(Number.NaN) }],
    ['effectiveFrom', { effectiveFrom: '2026-11-01' }],
    ['currency', { currency: 'usd' }],
    ['models', { models: null }],
    ['models', { models: { '': { input: 1, output: 1 } } }],
    ['models.m', { models: { m: 3 } }],
    ['models.m.input', { models: { m: { output: 1 } } }],
    ['models.m.input', { models: { m: { input: 2.5, output: 1 } } }],
    ['models.m.output', { models: { m: { input: 1, output: -1 } } }],
    ['models.m.cachedRead', { models: { m: { input: 1, output: 1, cachedRead: '1' } } }],
    ['models.m.cachedWrite', { models: { m: { input: 1, output: 1, cachedWrite: Number.NaN } } }],
    ['models.m.reasoning', { models: { m: { input: 1, output: 1, reasoning: 10n ** 15n + 1n } } }],
    ['models.m.perRequest', { models: { m: { input: 1, output: 1, perRequest: -1n } } }],
    ['models.m.tiers', { models: { m: { input: 1, output: 1, tiers: {} } } }],
    ['models.m.tiers[0]', { models: { m: { input: 1, output: 1, tiers: [null] } } }],
    [
      'models.m.tiers[0].aboveInputTokens',
      { models: { m: { input: 1, output: 1, tiers: [{ input: 1, output: 1 }] } } },
    ],
    [
      'models.m.tiers[1].aboveInputTokens',
      {
        models: {
          m: {
            input: 1,
            output: 1,
            tiers: [1, 2].map((input) => ({ aboveInputTokens: 5, input, output: 1 })),
          },
        },
      },
    ],
    [
      'models.m.tiers[0].output',
      { models: { m: { input: 1, output: 1, tiers: [{ aboveInputTokens: 5, input: 1 }] } } },
    ],
    ['default.input', { default: { input: null, output: 1 } }],
    ['name', { name: 'prices of march' }],
    ['models.m.cacheRead', { models: { m: { input: 10, output: 1, cacheRead: 1 } } }],
    [
      'models.m.tiers[0].perRequest',
      {
        models: {
          m: { input: 1, output: 1, tiers: [{ aboveInputTokens: 5, input: 1, output: 1, perRequest: 1 }] },
        },
      },
    ],
  ])('a mistake at %s is refused, naming that path', (option, change) => {
    // As configuration read from a file would hold it.
    const options = { ...valid, ...change } as PriceTableOptions
    expect(() => createPriceTable(options)).toThrow(invalidOption(option))
  })
})

describe('the table in force', () => {
  const table = (version: string, effectiveFrom: string) =>
    createPriceTable({ ...valid, version, effectiveFrom: new Date(effectiveFrom) })
  const tables = [
    table('b', '2026-02-01T00:00Z'),
    table('a', '2026-01-01T00:00Z'),
    table('c', '2026-03-01T00:00Z'),
  ]

  it.each([
    ['2026-01-01T00:00:00.000Z', 'a'],
    ['2026-01-31T23:59:59.999Z', 'a'],
    ['2026-02-01T00:00:00.000Z', 'b'],
    ['2030-01-01T00:00:00.000Z', 'c'],
  ])('at %s is version %s, in whatever order they are listed', (at, version) => {
    expect(priceTableAt(tables, new Date(at)).version).toBe(version)
  })

  it('of two with the same instant the one listed last holds', () => {
    const twice = [table('first', '2026-01-01T00:00Z'), table('second', '2026-01-01T00:00Z')]
    expect(priceTableAt(twice, new Date('2026-01-02T00:00Z')).version).toBe('second')
  })

  it('before the first there is none, and that is a typed error', () => {
    expect(() => priceTableAt(tables, new Date('2025-12-31T23:59:59.999Z'))).toThrow(
      expect.objectContaining({ code: 'NO_PRICES_IN_FORCE' }),
    )
  })
})
