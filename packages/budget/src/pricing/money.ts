import { InvalidOptionError } from '@golden-arch/core/errors'
import { BudgetError } from '../budget-error.ts'

/** An exact amount of money: whole micro-units (millionths of the unit) of one currency. */
export interface Money {
  /** ISO 4217 code: three capital letters, such as `USD`. */
  readonly currency: string
  /** 1 USD is 1000000n. Within -(2^53 - 1) to 2^53 - 1; negative amounts are credits. */
  readonly micros: bigint
}

/** Micro-units in one unit of a currency. */
const MICROS_PER_UNIT = 1_000_000n

/** The greatest amount, up or down, about nine thousand million units: what JSON numbers hold exactly. */
export const MAX_MICROS: bigint = 2n ** 53n - 1n

const CURRENCY = /^[A-Z]{3}$/
const DECIMAL = /^(-?)(\d{1,10})(?:\.(\d{1,6}))? ([A-Z]{3})$/

/**
 * An amount of `micros` micro-units.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad currency code or an amount that is no bigint; BudgetError
 * `MONEY_OUT_OF_RANGE`.
 */
export function money(currency: string, micros: bigint): Money {
  if (typeof micros !== 'bigint') throw new InvalidOptionError('micros', 'a bigint', micros)
  if (micros > MAX_MICROS || micros < -MAX_MICROS) {
    throw new BudgetError({
      code: 'MONEY_OUT_OF_RANGE',
      message: 'an amount of money would pass 2^53 - 1 micro-units',
      details: { currency },
    })
  }
  return { currency: requireCurrency('currency', currency), micros }
}

/** The amount as text, exact, with two to six decimals: `12.50 USD`, `-0.000003 EUR`. */
export function formatMoney({ currency, micros }: Money): string {
  const size = micros < 0n ? -micros : micros
  const decimals = String(size % MICROS_PER_UNIT).padStart(6, '0')
  const shown = decimals.replace(/0{1,4}$/, '')
  return `${micros < 0n ? '-' : ''}${size / MICROS_PER_UNIT}.${shown} ${currency}`
}

/**
 * Reads `12.5 USD`: at most 10 digits, then at most six decimals, one space, the currency. It rounds nothing.
 * @throws InvalidOptionError `INVALID_OPTION` on any other text; BudgetError `MONEY_OUT_OF_RANGE`.
 */
export function parseMoney(text: string): Money {
  const [, sign = '', units = '', decimals = '', currency = ''] = DECIMAL.exec(text) ?? []
  if (units === '') {
    throw new InvalidOptionError('money', "an amount such as '12.50 USD', with at most six decimals", text)
  }
  const size = BigInt(units) * MICROS_PER_UNIT + BigInt(decimals.padEnd(6, '0'))
  return money(currency, sign === '-' ? -size : size)
}

/**
 * Returns `value` if it is written as an ISO 4217 code. Whether such a currency exists is not looked up.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireCurrency(option: string, value: unknown): string {
  if (typeof value === 'string' && CURRENCY.test(value)) return value
  throw new InvalidOptionError(option, 'three capital letters, an ISO 4217 code such as USD', value)
}
