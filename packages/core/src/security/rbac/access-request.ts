import type { Permission } from './permission.ts'
import type { Principal } from './principal.ts'

/** What is acted on. */
export interface AccessResource {
  /** The tenant that it belongs to. Another one than the principal's makes it as good as absent. */
  readonly tenantId: string
  /** Id of whoever it belongs to. Where it is absent, a permission for one's own things does not reach it. */
  readonly ownerId?: string | undefined
  /** What it is, such as `task`; for the audit log and for a policy engine. */
  readonly kind?: string
  /** Which one it is; for the audit log and for a policy engine. */
  readonly id?: string
}

/** A question to the rules: may this principal do that, to this resource where one is named? */
export interface AccessRequest {
  readonly principal: Principal
  readonly permission: Permission
  /** Left out for acts on no single thing, such as a list: narrow the list by the scope of the answer. */
  readonly resource?: AccessResource | undefined
}
