import { InvalidOptionError, requireInteger, requireText } from '@golden-arch/core/errors'

/** An agent with the weight of its vote. */
export interface WeighedAgent {
  readonly agentId: string
  /** Weight of the vote in thousandths, 0 to 1000000. */
  readonly weightMilli: number
}

/** A voter of whom it matters which model it runs on. */
export interface WeighedVoter extends WeighedAgent {
  /** The model, such as a provider's name of it. Voters of one model are not independent. */
  readonly model: string
  /** The family of models, such as a provider's name. */
  readonly modelFamily: string
}

const MAX_VOTERS = 500

/** Returns `agents` if they keep their rules: at most 500, each once. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireWeighedAgents<A extends WeighedAgent>(agents: readonly A[]): readonly A[] {
  if (agents.length > MAX_VOTERS) {
    throw new InvalidOptionError('voters', `at most ${MAX_VOTERS} voters`, agents.length)
  }
  for (const one of agents) {
    requireText('voters.agentId', one.agentId, 128)
    requireInteger('voters.weightMilli', one.weightMilli, { max: 1_000_000 })
  }
  if (new Set(agents.map((one) => one.agentId)).size < agents.length) {
    throw new InvalidOptionError('voters', 'each voter once', agents.length)
  }
  return agents
}

/** Returns `voters` if they keep their rules too. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireWeighedVoters<V extends WeighedVoter>(voters: readonly V[]): readonly V[] {
  for (const one of requireWeighedAgents(voters)) {
    requireText('voters.model', one.model)
    requireText('voters.modelFamily', one.modelFamily)
  }
  return voters
}
