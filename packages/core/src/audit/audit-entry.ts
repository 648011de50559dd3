import type { Actor } from './actor.ts'

/** One line of the audit log: who did what to which thing, and how it ended. */
export interface AuditEntry {
  readonly tenantId: string
  readonly actor: Actor
  /** What was done, as `noun.verb`: `task.create`. */
  readonly action: string
  /** What it was done to, as `kind/id`: `task/t-1`. */
  readonly resource: string
  readonly outcome: AuditOutcome
  /** Further facts: JSON values, no secrets, no personal data that must be erasable. At most 1 MiB of text. Default: none. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  /** Personal values that must be erasable; they are kept encrypted outside the log. Default: none. */
  readonly personal?: PersonalValues | undefined
}

/** How an act ended. */
export type AuditOutcome = 'allowed' | 'denied' | 'failed'

/** What an entry says about a person, which an erasure must be able to remove. */
export interface PersonalValues {
  /** Id of the person or other subject, 1 to 256 characters; stored as a keyed digest alone. */
  readonly subject: string
  /** The values by name. */
  readonly values: Readonly<Record<string, string>>
}

/** What the log holds of personal values: where they are, and the proof that they are the ones. */
export interface PersonalReference {
  /** Row of the encrypted values, a UUID. */
  readonly id: string
  /** Keyed digest of the subject's id. */
  readonly subject: string
  /** Keyed digest of the values. */
  readonly commitment: string
}

/** An entry as it stands in the log. */
export interface AuditRecord extends Omit<AuditEntry, 'personal' | 'details'> {
  /** Order of insertion over all tenants, in decimal digits. */
  readonly entryId: string
  /** When it was written, by the database's clock. */
  readonly at: Date
  readonly details: Readonly<Record<string, unknown>>
  readonly personal?: PersonalReference
  /** Its place in the tenant's chain, from 1, in decimal digits; null while it waits for one. */
  readonly sequence: string | null
}
