/** Who acted: a person, an agent, or a part of the system. */
export type ActorKind = 'human' | 'agent' | 'service'

/** One line of the audit log: who did what to which thing, and how it ended. */
export interface AuditEntry {
  readonly tenantId: string
  /** Id of who acted, such as a user's name or an agent's id. */
  readonly actor: string
  readonly actorKind: ActorKind
  /** What was done, as `noun.verb`: `task.create`. */
  readonly action: string
  /** What it was done to, as `kind/id`: `task/t-1`. */
  readonly resource: string
  readonly outcome: 'allowed' | 'denied' | 'failed'
  /** Id of the request that led to it. */
  readonly requestId?: string
  /** Further facts: JSON values, no secrets, no personal data that must be erasable. */
  readonly details?: Readonly<Record<string, unknown>>
}
