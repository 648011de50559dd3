import { countBelow, countSwings, tableOfCoalitions } from './coalition-table.ts'
import { type ExactFraction, exactFraction } from './exact-fraction.ts'
import { requireWeightedGame, type WeightedGame } from './weighted-game.ts'

/** What a voter can decide before anybody has voted. */
export interface VotingPower {
  /** Coalitions of others that lose without this voter and win with them. */
  readonly swings: bigint
  /** Absolute Banzhaf index (Penrose 1946, Banzhaf 1965): the share of all coalitions of others that are swings. */
  readonly banzhaf: ExactFraction
  /** Normalised Banzhaf index: the share of this voter in all voters' swings. */
  readonly normalisedBanzhaf: ExactFraction
  /** Shapley and Shubik 1954: the share of all orders of voting in which this voter is the one who makes it win. */
  readonly shapleyShubik: ExactFraction
}

/**
 * The exact power of each voter, in the order of `game.weights`. Weights are divided by what they have in common; the
 * work grows with their sum then and with the square of the number of voters, and is bounded.
 * @throws InvalidOptionError `INVALID_OPTION` on a game out of range; PowerError `POWER_GAME_TOO_LARGE` where the weights
 * are too many and too fine: two hundred in tenths of a vote are not, in thousandths they are.
 */
export function powerIndices(game: WeightedGame): readonly VotingPower[] {
  const { weights, quota, vetoers } = requireWeightedGame(game)
  const isVetoer = new Set(vetoers)
  const others = weights.filter((_, voter) => !isVetoer.has(voter))
  const counts = countOfOthers(others, quota - vetoers.reduce((sum, voter) => sum + (weights[voter] ?? 0), 0))
  const shareOf = sharesBySize(weights.length)

  const kinds = new Map<number | 'vetoer', CountedPower>()
  for (const weight of new Set(others)) {
    kinds.set(
      weight,
      countPower(counts.swingsOf(weight), (size) => shareOf(vetoers.length + size)),
    )
  }
  if (vetoers.length > 0) {
    kinds.set(
      'vetoer',
      countPower(counts.winning, (size) => shareOf(vetoers.length - 1 + size)),
    )
  }
  const kindOf = (voter: number): number | 'vetoer' =>
    isVetoer.has(voter) ? 'vetoer' : (weights[voter] ?? 0)
  const allSwings = weights.reduce((sum, _, voter) => sum + (kinds.get(kindOf(voter))?.swings ?? 0n), 0n)

  const orders = factorial(weights.length)
  const powers = new Map<number | 'vetoer', VotingPower>()
  for (const [kind, { swings, pivotalOrders }] of kinds) {
    powers.set(kind, {
      swings,
      banzhaf: exactFraction(swings, 1n << BigInt(weights.length - 1)),
      normalisedBanzhaf: exactFraction(swings, allSwings),
      shapleyShubik: exactFraction(pivotalOrders, orders),
    })
  }
  return weights.flatMap((_, voter) => powers.get(kindOf(voter)) ?? [])
}

interface CountedPower {
  readonly swings: bigint
  readonly pivotalOrders: bigint
}

function countPower(swingsBySize: readonly bigint[], ordersOf: (size: number) => bigint): CountedPower {
  let swings = 0n
  let pivotalOrders = 0n
  for (const [size, count] of swingsBySize.entries()) {
    if (count === 0n) continue
    swings += count
    pivotalOrders += count * ordersOf(size)
  }
  return { swings, pivotalOrders }
}

interface CoalitionCounts {
  /** Coalitions of the others that win with all vetoers, by size. */
  readonly winning: readonly bigint[]
  /** Swings of one of the others, among all the others, by size. */
  swingsOf(weight: number): readonly bigint[]
}

/**
 * What stays of the game among those without a veto, once the vetoers agree. A coalition swings for a voter as its
 * complement does in the game turned round, whose quota is what blocks: the lower of the two quotas is counted.
 */
function countOfOthers(weights: readonly number[], quota: number): CoalitionCounts {
  const unit = weights.reduce((divisor, weight) => greatestCommonDivisor(weight, divisor), 0) || 1
  const units = weights.map((weight) => weight / unit).sort((a, b) => a - b)
  const total = units.reduce((sum, one) => sum + one, 0)
  const winningUnits = Math.max(0, Math.ceil(quota / unit))
  const blockingUnits = total - winningUnits + 1
  const isTurned = blockingUnits < winningUnits
  const table = tableOfCoalitions(units, isTurned ? blockingUnits : winningUnits)

  const inOrder = (counts: readonly bigint[], largest: number): readonly bigint[] =>
    Array.from({ length: largest + 1 }, (_, size) => counts[isTurned ? largest - size : size] ?? 0n)
  const below = inOrder(countBelow(table), units.length)
  const winning = isTurned ? below : binomials(units.length).map((all, size) => all - (below[size] ?? 0n))
  return {
    winning,
    swingsOf: (weight) => inOrder(countSwings(table, weight / unit), units.length - 1),
  }
}

/** In how many orders of `voters` voters exactly `size` given ones come before a given voter. */
function sharesBySize(voters: number): (size: number) => bigint {
  const factorials = [1n]
  for (let one = 1; one < voters; one++) factorials.push((factorials[one - 1] ?? 1n) * BigInt(one))
  return (size) => (factorials[size] ?? 0n) * (factorials[voters - 1 - size] ?? 0n)
}

function factorial(of: number): bigint {
  let product = 1n
  for (let one = 2; one <= of; one++) product *= BigInt(one)
  return product
}

function binomials(of: number): readonly bigint[] {
  const row = [1n]
  for (let one = 1; one <= of; one++) row.push(((row[one - 1] ?? 0n) * BigInt(of - one + 1)) / BigInt(one))
  return row
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
