import { InvalidOptionError } from '@golden-arch/core/errors'

const DECIMAL = /^[1-9]\d{0,18}$/
const MAX_BIGINT = 2n ** 63n - 1n

/** Whether `value` is a number from 1 to 9223372036854775807 in decimal digits, without leading zeros. */
export function isDecimalId(value: unknown): value is string {
  return typeof value === 'string' && DECIMAL.test(value) && BigInt(value) <= MAX_BIGINT
}

/** @throws InvalidOptionError `INVALID_OPTION` unless `value` is such a number: what a positive `bigint` of SQL holds. */
export function requireDecimalId(option: string, value: unknown): string {
  if (isDecimalId(value)) return value
  throw new InvalidOptionError(option, 'a number from 1 to 9223372036854775807 in decimal digits', value)
}
