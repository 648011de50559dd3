import type { ActorKind } from '@golden-arch/core/audit'

/** Who calls, as the token says. */
export interface Principal {
  readonly id: string
  readonly kind: ActorKind
  readonly role: string
  readonly tenantId: string
}
