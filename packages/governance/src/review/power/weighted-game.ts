import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'

/** A vote by weights: those who agree win if their weights reach the quota and every vetoer is among them. */
export interface WeightedGame {
  /** Weight of each voter, integers from 0 to 1000000000; 1 to 500 voters. */
  readonly weights: readonly number[]
  /** Weight that wins, from 1 to the sum of the weights. */
  readonly quota: number
  /** Positions in `weights` of those without whom nothing wins, each once. Default none. */
  readonly vetoers?: readonly number[]
}

const MAX_VOTERS = 500
const MAX_WEIGHT = 1_000_000_000

/** Returns `game` if it keeps the rules of its type. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireWeightedGame(game: WeightedGame): Required<WeightedGame> {
  const { length } = game.weights
  if (length < 1 || length > MAX_VOTERS) {
    throw new InvalidOptionError('game.weights', `1 to ${MAX_VOTERS} voters`, length)
  }
  const weights = game.weights.map((one) => requireInteger('game.weights', one, { max: MAX_WEIGHT }))
  const total = weights.reduce((sum, one) => sum + one, 0)
  const vetoers = (game.vetoers ?? []).map((one) => requireInteger('game.vetoers', one, { max: length - 1 }))
  if (new Set(vetoers).size < vetoers.length) {
    throw new InvalidOptionError('game.vetoers', 'each position once', vetoers)
  }
  return { weights, quota: requireInteger('game.quota', game.quota, { min: 1, max: total }), vetoers }
}
