import { InvalidOptionError, requireInteger, requireOneOf, requireText } from '../../errors/index.ts'

/** The policies of {@link LossPolicy}, the default first. */
const LOSS_POLICIES = ['degrade', 'closed', 'open'] as const

/**
 * What is answered while the limiter that the processes share does not answer: `degrade` lets each process admit its
 * share of the limit, `closed` refuses every call, `open` admits every call.
 */
export type LossPolicy = (typeof LOSS_POLICIES)[number]

/** How many calls of one key may be admitted in any window of time. */
export interface RateLimit {
  /** What the limit is called in headers and metrics: 1 to 64 characters. Keep the number of names small. */
  readonly name: string
  /** Calls in any window, 1 to 100000. */
  readonly limit: number
  /** Length of the window in milliseconds, 1 to 86400000 (a day). */
  readonly windowMs: number
  /** What is answered while Redis does not. Default `degrade`. */
  readonly onLoss?: LossPolicy
}

const MAX_LIMIT = 100_000
const MAX_WINDOW_MS = 86_400_000
const MAX_NAME_LENGTH = 64
/** The longest key of a call, in characters. */
const MAX_KEY_LENGTH = 4096

const sound = new WeakSet<RateLimit>()

/**
 * Returns `limit` if its members are within their ranges. A frozen limit is looked at only once. `path` stands before the
 * names of the members in an error.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the member, the rule and the value.
 */
export function requireRateLimit(limit: RateLimit, path = ''): RateLimit {
  if (typeof limit !== 'object' || limit === null)
    throw new InvalidOptionError('limit', 'a rate limit', limit)
  if (sound.has(limit)) return limit
  requireText(`${path}name`, limit.name, MAX_NAME_LENGTH)
  requireInteger(`${path}limit`, limit.limit, { min: 1, max: MAX_LIMIT })
  requireInteger(`${path}windowMs`, limit.windowMs, { min: 1, max: MAX_WINDOW_MS })
  if (limit.onLoss !== undefined) requireOneOf(`${path}onLoss`, limit.onLoss, LOSS_POLICIES)
  if (Object.isFrozen(limit)) sound.add(limit)
  return limit
}

/** @throws InvalidOptionError `INVALID_OPTION` on a key that is no text of 1 to 4096 characters. */
export function requireLimitKey(key: string): string {
  return requireText('key', key, MAX_KEY_LENGTH)
}
