import { type ExactFraction, exactFraction } from '../review/power/exact-fraction.ts'
import type { WeightedGame } from '../review/power/weighted-game.ts'

/** The indices by looking at all coalitions, one after the other: what the table must give, and what it saves. */
export function enumeratedPower(
  game: WeightedGame,
): readonly { readonly swings: bigint; readonly shapleyShubik: ExactFraction }[] {
  const { weights, quota, vetoers = [] } = game
  const voters = weights.length
  const factorials = [1n]
  for (let one = 1; one <= voters; one++) factorials.push((factorials[one - 1] ?? 1n) * BigInt(one))
  const factorial = (of: number): bigint => factorials[of] ?? 1n

  const wins = new Uint8Array(2 ** voters)
  const sizes = new Uint8Array(2 ** voters)
  for (let coalition = 0; coalition < wins.length; coalition++) {
    let sum = 0
    for (let voter = 0; voter < voters; voter++) {
      if (((coalition >> voter) & 1) === 0) continue
      sum += weights[voter] ?? 0
      sizes[coalition] = (sizes[coalition] ?? 0) + 1
    }
    wins[coalition] = sum >= quota && vetoers.every((voter) => ((coalition >> voter) & 1) === 1) ? 1 : 0
  }
  return weights.map((_, voter) => {
    const swingsBySize = new Array<number>(voters).fill(0)
    for (let coalition = 0; coalition < wins.length; coalition++) {
      if (((coalition >> voter) & 1) === 1 || wins[coalition] === 1) continue
      const size = sizes[coalition] ?? 0
      if (wins[coalition | (1 << voter)] === 1) swingsBySize[size] = (swingsBySize[size] ?? 0) + 1
    }
    const orders = swingsBySize.reduce(
      (sum, count, size) => sum + BigInt(count) * factorial(size) * factorial(voters - 1 - size),
      0n,
    )
    return {
      swings: BigInt(swingsBySize.reduce((sum, one) => sum + one, 0)),
      shapleyShubik: exactFraction(orders, factorial(voters)),
    }
  })
}
