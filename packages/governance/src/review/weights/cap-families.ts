import { requireInteger } from '@golden-arch/core/errors'
import type { Share } from '../review-policy.ts'
import { requireWeighedVoters, type WeighedVoter } from './weighed-voter.ts'

/** Voters of whom no family of models has more than its share. */
export interface CappedVoters<V extends WeighedVoter> {
  /** In the order given, with the weights that they have now. */
  readonly voters: readonly V[]
  /** Families that lost weight, sorted. */
  readonly cappedFamilies: readonly string[]
  /** The share that held: the one asked for, or an equal part for each family where they are too few for it. */
  readonly share: Share
}

/**
 * Cuts the summed weight of each family of models to a share of the sum of all as it is after the cut. A family is cut
 * as little as that takes, and its voters in proportion, rounded down to a thousandth; a lighter family is never cut
 * while a heavier one is not. Where the families are so few that even equal parts exceed the share, all get the sum of
 * the lightest: two families are equal then, and one alone is left as it is. Families without weight do not count.
 * @throws InvalidOptionError `INVALID_OPTION` on voters out of range or a share that is not more than 0 and at most 1.
 */
export function capFamilies<V extends WeighedVoter>(voters: readonly V[], share: Share): CappedVoters<V> {
  requireWeighedVoters(voters)
  const denominator = requireInteger('share.denominator', share.denominator, { min: 1, max: 1000 })
  const numerator = requireInteger('share.numerator', share.numerator, { min: 1, max: denominator })
  const sums = sumsByFamily(voters)
  const families = [...sums.values()].filter((sum) => sum > 0).length
  const held =
    numerator * families >= denominator
      ? { numerator, denominator }
      : { numerator: 1, denominator: families || 1 }
  const limit = limitOf([...sums.values()], held)

  const cappedFamilies: string[] = []
  for (const [family, sum] of sums) {
    if (limit !== undefined && exceeds(sum, limit)) cappedFamilies.push(family)
  }
  return {
    voters: voters.map((one) => {
      const sum = sums.get(one.modelFamily) ?? 0
      return limit !== undefined && exceeds(sum, limit)
        ? { ...one, weightMilli: cut(one.weightMilli, sum, limit) }
        : one
    }),
    cappedFamilies: cappedFamilies.sort(),
    share: held,
  }
}

/** What a family may have, in thousandths, without rounding. */
interface Limit {
  readonly numerator: bigint
  readonly denominator: bigint
}

/**
 * With the m heaviest families cut to a share s of the sum S that results, S = m·s·S + the rest, so S = rest / (1 - m·s).
 * The least m for which the next family fits is the answer; it is found before m·s reaches 1, as the family that makes it
 * do so is at most the rest itself.
 */
function limitOf(sums: readonly number[], share: Share): Limit | undefined {
  const descending = [...sums].sort((a, b) => b - a)
  let rest = descending.reduce((sum, one) => sum + one, 0)
  for (const [cut, sum] of descending.entries()) {
    const limit = {
      numerator: BigInt(share.numerator) * BigInt(rest),
      denominator: BigInt(share.denominator - cut * share.numerator),
    }
    if (!exceeds(sum, limit)) return cut === 0 ? undefined : limit
    rest -= sum
  }
  return undefined
}

function exceeds(sum: number, limit: Limit): boolean {
  return BigInt(sum) * limit.denominator > limit.numerator
}

/** In integers of any size: weight, rest and share multiply beyond what a double holds. */
function cut(weight: number, sum: number, limit: Limit): number {
  return Number((BigInt(weight) * limit.numerator) / (BigInt(sum) * limit.denominator))
}

function sumsByFamily(voters: readonly WeighedVoter[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { modelFamily, weightMilli } of voters) {
    sums.set(modelFamily, (sums.get(modelFamily) ?? 0) + weightMilli)
  }
  return sums
}
