import { type ActorKind, requireActor } from '../../audit/index.ts'
import { requireTenantId, requireText } from '../../errors/index.ts'

/** Who asks for something, as a verified token or an authenticated service says. */
export interface Principal {
  /** Id of the person, agent or service, 1 to 256 characters: what `ownerId` of a resource is compared with. */
  readonly id: string
  /** A person's alone, whatever the role, are `prompt:approve`, `escalation:resolve` and `system:manage`. */
  readonly kind: ActorKind
  /** Name of a role of the table in force. A role that the table does not know is allowed nothing. */
  readonly role: string
  /** The one tenant in which the principal acts, 1 to 128 characters. */
  readonly tenantId: string
}

/**
 * Returns `principal` if it names somebody in a tenant.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming the field, the rule and the value.
 */
export function requirePrincipal(principal: Principal): Principal {
  requireActor(principal, 'principal')
  requireText('principal.role', principal.role)
  requireTenantId(principal.tenantId, 'principal.tenantId')
  return principal
}
