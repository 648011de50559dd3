import type { Actor, AuditEntry } from '@golden-arch/core/audit'

/** The tenant that stands in the audit log where a message's own is unknown. */
const UNKNOWN_TENANT = 'unknown'

/** The audit entry of an act on one dead letter. */
export function auditEntryOf(
  actor: Actor,
  action: string,
  letter: { readonly dlqId: string; readonly tenantId: string | null },
  details: Readonly<Record<string, unknown>>,
): AuditEntry {
  return {
    tenantId: letter.tenantId ?? UNKNOWN_TENANT,
    actor,
    action,
    resource: `deadLetter/${letter.dlqId}`,
    outcome: 'allowed',
    details,
  }
}
