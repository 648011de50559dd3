import { requireWeighedVoters, type WeighedVoter } from './weighed-voter.ts'

/** What counts for a quorum in which the voters of one model are one voter. */
export interface ModelQuorum {
  /** Weight that answered, in thousandths: of each model its heaviest voter who did. */
  readonly answeredMilli: number
  /** Weight that may answer: of each model its heaviest voter. */
  readonly eligibleMilli: number
  /** Models of which somebody answered. */
  readonly answeredModels: number
  /** Models of which somebody may answer. */
  readonly eligibleModels: number
}

/**
 * Counts the voters of one model as one, as heavy as the heaviest of them, so that copies of a model make no quorum.
 * @param answered Ids of those who answered, abstentions included; others than `voters` do not count.
 * @throws InvalidOptionError `INVALID_OPTION` on voters out of range.
 */
export function quorumByModel(voters: readonly WeighedVoter[], answered: ReadonlySet<string>): ModelQuorum {
  const eligible = heaviestByModel(requireWeighedVoters(voters))
  const present = heaviestByModel(voters.filter((one) => answered.has(one.agentId)))
  return {
    answeredMilli: sumOf(present),
    eligibleMilli: sumOf(eligible),
    answeredModels: present.size,
    eligibleModels: eligible.size,
  }
}

function heaviestByModel(voters: readonly WeighedVoter[]): ReadonlyMap<string, number> {
  const heaviest = new Map<string, number>()
  for (const { model, weightMilli } of voters) {
    heaviest.set(model, Math.max(weightMilli, heaviest.get(model) ?? 0))
  }
  return heaviest
}

function sumOf(weights: ReadonlyMap<string, number>): number {
  return [...weights.values()].reduce((sum, one) => sum + one, 0)
}
