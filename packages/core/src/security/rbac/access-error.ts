import { GoldenError } from '../../errors/index.ts'

/** Codes of the errors of access control. */
export type AccessErrorCode = 'PERMISSION_DENIED' | 'RESOURCE_NOT_FOUND' | 'POLICY_UNAVAILABLE'

/**
 * An act is refused. `PERMISSION_DENIED`: the principal may not do this; details hold permission and role.
 * `RESOURCE_NOT_FOUND`: for this principal the resource does not exist, be it another tenant's or somebody else's.
 * `POLICY_UNAVAILABLE` (retryable): the policy engine failed or took too long, so the act was not allowed.
 */
export class AccessError extends GoldenError<AccessErrorCode> {}
