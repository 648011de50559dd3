import { requireInteger, requireText } from '../errors/index.ts'
import { MAX_TIMER_MS } from '../time/index.ts'

/** The longest key, in characters. */
const MAX_KEY_LENGTH = 1024

/** @throws InvalidOptionError `INVALID_OPTION` on a key that is no text of 1 to 1024 characters. */
export function requireKey(key: unknown): string {
  return requireText('key', key, MAX_KEY_LENGTH)
}

/** @throws InvalidOptionError `INVALID_OPTION` on a `ttlMs` that is neither undefined nor an integer from 1 to 2^31 - 1. */
export function requireTtl(ttlMs: number | undefined): number | undefined {
  return ttlMs === undefined ? undefined : requireInteger('ttlMs', ttlMs, { min: 1, max: MAX_TIMER_MS })
}
