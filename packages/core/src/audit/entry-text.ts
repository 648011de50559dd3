import canonicalize from 'canonicalize'
import { jsonText } from '../storage/index.ts'
import type { AuditEntry, PersonalReference } from './audit-entry.ts'

/** The facts of an entry that the chain proves. */
export interface ProvenEntry extends Omit<AuditEntry, 'personal'> {
  readonly personal?: PersonalReference
}

/**
 * A value as the one text that RFC 8785 gives it, after what PostgreSQL cannot store was replaced as {@link jsonText}
 * does: what is read back from the database then has the same text.
 */
export function canonicalText(value: object): string {
  const storable: unknown = JSON.parse(jsonText(value))
  // An object always has a text: only what JSON leaves out has none.
  return canonicalize(storable) as string
}

/** The text of an entry that is hashed. Members that are unset are left out. */
export function entryText(entry: ProvenEntry): string {
  const { tenantId, actor, action, resource, outcome, details = {}, personal } = entry
  const { id, kind, requestId } = actor
  return canonicalText({
    tenantId,
    actor: { id, kind, requestId },
    action,
    resource,
    outcome,
    details,
    personal,
  })
}

/** Who made the text of a stored entry: its writer, the database for a writer who gave none, or the move into the chain. */
export type TextForm = 'writer' | 'database' | 'carried'

/** What a stored text says of an entry's columns: who made it, or null where the two differ. */
export function formOfText(stored: string, columns: ProvenEntry): TextForm | null {
  const own = entryText(columns)
  if (stored === own) return 'writer'
  const parsed = objectOf(stored)
  const form = parsed?.form
  if (parsed === undefined || (form !== 'database' && form !== 'carried')) return null
  const { form: _form, ...facts } = parsed
  return canonicalText(facts) === own ? form : null
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    // An object that JSON.parse made has string keys.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
