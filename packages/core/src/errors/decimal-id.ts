import { InvalidOptionError } from './invalid-option-error.ts'

const DECIMAL = /^[1-9]\d{0,18}$/
const MAX_BIGINT = 2n ** 63n - 1n

/**
 * Whether `value` is a number from 1 to 9223372036854775807 in decimal digits, without leading zeros: how a positive
 * `bigint` of SQL is written where JSON must hold it.
 */
export function isDecimalId(value: unknown): value is string {
  return typeof value === 'string' && DECIMAL.test(value) && BigInt(value) <= MAX_BIGINT
}

/**
 * Returns `value` if it is such a number, or `'0'` where `min` is 0. Default 1.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the option, the rule and the value.
 */
export function requireDecimalId(option: string, value: unknown, min: 0 | 1 = 1): string {
  if (isDecimalId(value)) return value
  if (min === 0 && value === '0') return value
  throw new InvalidOptionError(option, `a number from ${min} to ${MAX_BIGINT} in decimal digits`, value)
}
