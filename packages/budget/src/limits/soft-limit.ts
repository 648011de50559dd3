import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'

/** An amount of tokens or of micro-units of money: a whole number. */
export type Amount = bigint | number

const MAX_SOFT_LIMITS = 16

/**
 * Returns the percentages of a limit at which to warn, ascending.
 * @throws InvalidOptionError `INVALID_OPTION` on more than 16, on one that is no integer from 1 to 100, or on one given
 * twice.
 */
export function requireSoftLimits(percents: readonly number[]): readonly number[] {
  if (!Array.isArray(percents) || percents.length > MAX_SOFT_LIMITS) {
    throw new InvalidOptionError(
      'softLimitPercents',
      `a list of at most ${MAX_SOFT_LIMITS} percentages`,
      percents,
    )
  }
  for (const [index, percent] of percents.entries()) {
    requireInteger(`softLimitPercents[${index}]`, percent, { min: 1, max: 100 })
    if (percents.indexOf(percent) !== index) {
      throw new InvalidOptionError(`softLimitPercents[${index}]`, 'given once', percent)
    }
  }
  return percents.toSorted(ascending)
}

/**
 * The percentages, ascending, that usage reaches by growing from `before` to `after`. One is reached when usage is at
 * least that share of `limit`. A series of growing steps reaches each percentage exactly once, however it is cut.
 * Nothing is reached of no limit (null) or of a limit of 0.
 */
export function softLimitsCrossed(
  percents: readonly number[],
  limit: Amount | null,
  before: Amount,
  after: Amount,
): number[] {
  return softLimitsReached(percents, limit, after).filter((percent) => !isReached(percent, limit, before))
}

/** The percentages, ascending, of `limit` that `used` has reached. */
export function softLimitsReached(percents: readonly number[], limit: Amount | null, used: Amount): number[] {
  return percents.filter((percent) => isReached(percent, limit, used)).sort(ascending)
}

function isReached(percent: number, limit: Amount | null, used: Amount): boolean {
  if (limit === null || BigInt(limit) <= 0n) return false
  return BigInt(used) * 100n >= BigInt(limit) * BigInt(percent)
}

function ascending(left: number, right: number): number {
  return left - right
}
