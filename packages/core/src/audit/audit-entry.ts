import type { Actor } from './actor.ts'

/** One line of the audit log: who did what to which thing, and how it ended. */
export interface AuditEntry {
  readonly tenantId: string
  readonly actor: Actor
  /** What was done, as `noun.verb`: `task.create`. */
  readonly action: string
  /** What it was done to, as `kind/id`: `task/t-1`. */
  readonly resource: string
  readonly outcome: 'allowed' | 'denied' | 'failed'
  /** Further facts: JSON values, no secrets, no personal data that must be erasable. */
  readonly details?: Readonly<Record<string, unknown>>
}
