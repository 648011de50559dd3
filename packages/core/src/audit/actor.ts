import { InvalidOptionError, requireOneOf, requireText } from '../errors/index.ts'

const ACTOR_KINDS = ['human', 'agent', 'service'] as const

/** What acts: a person, an agent, or a part of the system. */
export type ActorKind = (typeof ACTOR_KINDS)[number]

/** Who acts, as every method that is answered for asks it. */
export interface Actor {
  /** Name or id, 1 to 256 characters without control characters. */
  readonly id: string
  readonly kind: ActorKind
  /** Id of the request that led to the act, 1 to 256 characters. Default: none. */
  readonly requestId?: string | undefined
}

/**
 * Returns `actor` if it names somebody. `option` is what an error calls it. Default `'actor'`.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the field, the rule and the value.
 */
export function requireActor(actor: Actor, option = 'actor'): Actor {
  if (typeof actor !== 'object' || actor === null)
    throw new InvalidOptionError(option, `{ id, kind }, kind being one of ${ACTOR_KINDS.join(', ')}`, actor)
  requireText(`${option}.id`, actor.id)
  requireOneOf(`${option}.kind`, actor.kind, ACTOR_KINDS)
  if (actor.requestId !== undefined) requireText(`${option}.requestId`, actor.requestId)
  return actor
}
