import { InvalidOptionError, requireInteger, requireText } from '@golden-arch/core/errors'

/** A voter of whom it matters which model it runs on. */
export interface WeighedVoter {
  readonly agentId: string
  /** The model, such as a provider's name of it. Voters of one model are not independent. */
  readonly model: string
  /** The family of models, such as a provider's name. */
  readonly modelFamily: string
  /** Weight of the vote in thousandths, 0 to 1000000. */
  readonly weightMilli: number
}

const MAX_VOTERS = 500

/** Returns `voters` if they keep their rules: at most 500, each once. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireWeighedVoters<V extends WeighedVoter>(voters: readonly V[]): readonly V[] {
  if (voters.length > MAX_VOTERS) {
    throw new InvalidOptionError('voters', `at most ${MAX_VOTERS} voters`, voters.length)
  }
  for (const one of voters) {
    requireText('voters.agentId', one.agentId, 128)
    requireText('voters.model', one.model)
    requireText('voters.modelFamily', one.modelFamily)
    requireInteger('voters.weightMilli', one.weightMilli, { max: 1_000_000 })
  }
  if (new Set(voters.map((one) => one.agentId)).size < voters.length) {
    throw new InvalidOptionError('voters', 'each voter once', voters.length)
  }
  return voters
}
