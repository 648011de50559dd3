import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMoney, MAX_MICROS, money, parseMoney, requireCurrency } from './money.ts'

const micros = fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n - 1n })
const currency = fc.constantFrom('USD', 'EUR', 'JPY')
const usd = (amount: bigint) => money('USD', amount)

describe('money', () => {
  it.each([
    [0n, '0.00 USD'],
    [1n, '0.000001 USD'],
    [-3n, '-0.000003 USD'],
    [12_500_000n, '12.50 USD'],
    [12_345_000n, '12.345 USD'],
    [-1_000_000n, '-1.00 USD'],
    [10_010_000n, '10.01 USD'],
    [100_000_000_000_000n, '100000000.00 USD'],
    [MAX_MICROS, '9007199254.740991 USD'],
  ])('%s micro-units are written as %s, and read back the same', (amount, text) => {
    expect(formatMoney(usd(amount))).toBe(text)
    expect(parseMoney(text)).toEqual(usd(amount))
  })

  it('fewer decimals than six are read as they stand', () => {
    expect(parseMoney('7 EUR')).toEqual(money('EUR', 7_000_000n))
    expect(parseMoney('0.1 EUR')).toEqual(money('EUR', 100_000n))
  })

  it.each([
    '',
    '1',
    '1.0000001 USD',
    '1,50 USD',
    '.5 USD',
    '1. USD',
    '1 usd',
    '1  USD',
    '1e3 USD',
    '+1 USD',
    '1 USD\n',
  ])('text %j is refused rather than rounded or guessed', (text) => {
    const rule = "an amount such as '12.50 USD', with at most six decimals"
    expect(() => parseMoney(text)).toThrow(invalidOption('money', rule))
  })

  it.each(['usd', 'US', 'USDT', '', ' USD', undefined])('currency %j is refused', (value) => {
    expect(() => requireCurrency('currency', value)).toThrow(
      invalidOption('currency', expect.stringContaining('three capital letters')),
    )
  })

  it('a floating-point number is no amount', () => {
    // As a caller without types would pass it.
    const call = (): unknown => money('USD', 1.5 as unknown as bigint)
    expect(call).toThrow(invalidOption('micros', 'a bigint'))
  })

  it('an amount beyond the greatest is an error, not a wrapped number', () => {
    const outOfRange = expect.objectContaining({ code: 'MONEY_OUT_OF_RANGE' })
    for (const amount of [MAX_MICROS + 1n, -MAX_MICROS - 1n]) expect(() => usd(amount)).toThrow(outOfRange)
    expect(() => parseMoney('9007199254.740992 USD')).toThrow(outOfRange)
  })

  it('every amount survives being written and read', () => {
    fc.assert(
      fc.property(micros, currency, (amount, code) => {
        expect(parseMoney(formatMoney(money(code, amount)))).toEqual(money(code, amount))
      }),
    )
  })
})
