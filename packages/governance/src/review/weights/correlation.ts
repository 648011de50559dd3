import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import { requireWeighedAgents, type WeighedAgent, type WeighedVoter } from './weighed-voter.ts'

/** How much two voters err together, beyond what each errs alone. */
export interface Correlation {
  readonly agentIds: readonly [string, string]
  /** In thousandths: 0 where they err independently, 1000 where they are as one. */
  readonly rhoMilli: number
}

/**
 * How many independent voters of equal weight tell as much as these do, in thousandths: the square of the sum of the
 * weights over the sum of w·w·rho of all pairs, each voter with themself among them. It is at most the number of voters;
 * of nine copies of one it is 1000. Pairs that are not given are independent. 0 where nobody has weight.
 * @throws InvalidOptionError `INVALID_OPTION` on voters out of range or a pair given twice, of one agent, or out of range.
 */
export function effectiveVotesMilli(
  voters: readonly WeighedAgent[],
  correlations: readonly Correlation[],
): number {
  requireWeighedAgents(voters)
  const rhoOf = rhoByPair(correlations)
  let sum = 0
  // Products of two weights and a rho, each up to 10^15, add up beyond what a double holds.
  let joint = 0n
  for (const one of voters) {
    sum += one.weightMilli
    for (const other of voters) {
      joint += BigInt(one.weightMilli * other.weightMilli) * BigInt(rhoOf(one.agentId, other.agentId))
    }
  }
  return joint === 0n ? 0 : Number((BigInt(sum) ** 2n * 1_000_000n) / joint)
}

/**
 * Divides each weight by the voters that it stands for: the sum of its correlations with all who have weight, itself
 * among them. Three copies of one get a third each; who is independent of all keeps what they have. Rounded down to a
 * thousandth.
 * @throws InvalidOptionError `INVALID_OPTION` as {@link effectiveVotesMilli}.
 */
export function discountCorrelated<V extends WeighedAgent>(
  voters: readonly V[],
  correlations: readonly Correlation[],
): readonly V[] {
  requireWeighedAgents(voters)
  const rhoOf = rhoByPair(correlations)
  const counted = voters.filter((one) => one.weightMilli > 0)
  return voters.map((one) => {
    if (one.weightMilli === 0) return one
    const shared = counted.reduce((sum, other) => sum + rhoOf(one.agentId, other.agentId), 0)
    return { ...one, weightMilli: Math.floor((one.weightMilli * 1000) / shared) }
  })
}

/** Correlations of 1000 between all voters of one model, for want of a better estimate. */
export function sameModelCorrelations(voters: readonly WeighedVoter[]): readonly Correlation[] {
  return voters.flatMap((one, index) =>
    voters
      .slice(index + 1)
      .filter((other) => other.model === one.model)
      .map((other): Correlation => ({ agentIds: [one.agentId, other.agentId], rhoMilli: 1000 })),
  )
}

function rhoByPair(correlations: readonly Correlation[]): (one: string, other: string) => number {
  const rhos = new Map<string, Map<string, number>>()
  for (const { agentIds, rhoMilli } of correlations) {
    const [one, other] = agentIds
    if (one === other || rhos.get(one)?.has(other)) {
      throw new InvalidOptionError('correlations', 'each pair of two agents once', agentIds)
    }
    const rho = requireInteger('correlations.rhoMilli', rhoMilli, { max: 1000 })
    for (const [from, to] of [agentIds, [other, one] as const]) {
      rhos.set(from, (rhos.get(from) ?? new Map<string, number>()).set(to, rho))
    }
  }
  return (one, other) => (one === other ? 1000 : (rhos.get(one)?.get(other) ?? 0))
}
