import { InvalidOptionError } from '@golden-arch/core/errors'

/**
 * Returns `value` if it is an object, and no list.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireObject<T extends object>(option: string, value: T): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidOptionError(option, 'an object', value)
}

/**
 * Returns `value` if it is a function or was left out.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function optionalFunction<T>(option: string, value: T): T {
  if (value === undefined || typeof value === 'function') return value
  throw new InvalidOptionError(option, 'a function', value)
}
