import type { AccessRequest } from '../access-request.ts'
import type { PermissionReach } from '../permission.ts'

/** What a policy engine may need beside the question. */
export interface PolicyEngineOptions {
  /** Fires when the answer is no longer waited for. */
  readonly signal: AbortSignal
}

/**
 * Who decides in place of the role table: Cedar, OpenFGA, casbin, or a table of your own. It is asked for the reach
 * only. Isolation of tenants, ownership and what only a person may do are checked after it, so that no policy can give
 * them away. An engine that throws, answers too late or answers anything else than a reach refuses.
 */
export interface PolicyEngine {
  /** How far the permission reaches for the principal. */
  reach(request: AccessRequest, options: PolicyEngineOptions): Promise<PermissionReach>
}
