import { jsonText } from '../storage/index.ts'
import type { AuditEntry, PersonalReference } from './audit-entry.ts'
import { AuditError } from './audit-error.ts'
import { entryText } from './entry-text.ts'
import { type AuditRedaction, redactDetails } from './redaction.ts'

/** An entry as the columns of its row. */
export interface StoredEntry {
  readonly tenantId: string
  readonly actor: string
  readonly actorKind: string
  readonly action: string
  readonly resource: string
  readonly outcome: string
  readonly requestId: string | null
  readonly details: string
  readonly personal: string | null
  readonly text: string
}

/** The most that the text of one entry may take. */
const MAX_ENTRY_BYTES = 1_048_576

/**
 * An entry as it is stored: redacted, its text made.
 * @throws AuditError `AUDIT_ENTRY_TOO_LARGE` beyond 1 MiB of text.
 */
export function storedEntry(
  entry: AuditEntry,
  redaction: AuditRedaction,
  personal?: PersonalReference,
): StoredEntry {
  const { tenantId, actor, action, resource, outcome } = entry
  const details = redactDetails(action, entry.details ?? {}, redaction)
  const text = entryText({
    tenantId,
    actor,
    action,
    resource,
    outcome,
    details,
    ...(personal === undefined ? {} : { personal }),
  })
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_ENTRY_BYTES) {
    throw new AuditError({
      code: 'AUDIT_ENTRY_TOO_LARGE',
      message: `an audit entry of ${bytes} bytes is larger than ${MAX_ENTRY_BYTES}`,
      details: { action, bytes, maxBytes: MAX_ENTRY_BYTES },
    })
  }
  return {
    tenantId,
    actor: actor.id,
    actorKind: actor.kind,
    action,
    resource,
    outcome,
    requestId: actor.requestId ?? null,
    details: jsonText(details),
    personal: personal === undefined ? null : jsonText(personal),
    text,
  }
}
