import { InvalidOptionError } from '@golden-arch/core/errors'

const DURABLE = /^[A-Za-z0-9_-]{1,64}$/

/** @throws InvalidOptionError `INVALID_OPTION` unless `durable` is 1 to 64 characters of `A-Z a-z 0-9 _ -`. */
export function requireDurable(durable: unknown): string {
  if (typeof durable === 'string' && DURABLE.test(durable)) return durable
  throw new InvalidOptionError('durable', '1 to 64 characters of A-Z a-z 0-9 _ -', durable)
}
