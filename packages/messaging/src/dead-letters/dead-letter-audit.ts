import type { ActorKind, AuditEntry } from '@golden-arch/core/audit'
import { requireOneOf, requireText } from '@golden-arch/core/errors'

/** Who acts on dead letters, for the audit log. */
export interface DeadLetterActor {
  /** Name or id, 1 to 256 characters. */
  readonly id: string
  readonly kind: ActorKind
  /** Id of the request that led to it. */
  readonly requestId?: string
}

/** The tenant that stands in the audit log where a message's own is unknown. */
const UNKNOWN_TENANT = 'unknown'

/** @throws InvalidOptionError `INVALID_OPTION`. */
export function requireActor(actor: DeadLetterActor): DeadLetterActor {
  requireText('actor.id', actor.id)
  requireOneOf('actor.kind', actor.kind, ['human', 'agent', 'service'])
  return actor
}

/** The audit entry of an act on one dead letter. */
export function auditEntryOf(
  actor: DeadLetterActor,
  action: string,
  letter: { readonly dlqId: bigint; readonly tenantId: string | null },
  details: Readonly<Record<string, unknown>>,
): AuditEntry {
  return {
    tenantId: letter.tenantId ?? UNKNOWN_TENANT,
    actor: actor.id,
    actorKind: actor.kind,
    action,
    resource: `dead-letter/${letter.dlqId}`,
    outcome: 'allowed',
    ...(actor.requestId === undefined ? {} : { requestId: actor.requestId }),
    details,
  }
}
