import { InvalidOptionError } from '@golden-arch/core/errors'

/**
 * Returns `value` if it is an object, and no list.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireObject<T extends object>(option: string, value: T): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidOptionError(option, 'an object', value)
}
