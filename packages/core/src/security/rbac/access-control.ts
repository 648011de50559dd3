import type { AuditEntry } from '../../audit/index.ts'
import { requireInteger, requireMethods, withDefaults } from '../../errors/index.ts'
import {
  type Counter,
  type Logger,
  METRICS,
  type Metrics,
  silentLogger,
  silentMetrics,
} from '../../observability/index.ts'
import { type Clock, systemClock, withDeadline } from '../../time/index.ts'
import type { AuditTrail } from '../audit-trail.ts'
import { AccessError } from './access-error.ts'
import type { AccessRequest, AccessResource } from './access-request.ts'
import { type AccessDecision, type DenialReason, decideAccess } from './can.ts'
import type { Permission } from './permission.ts'
import type { PolicyEngine } from './ports/policy-engine.ts'
import { type Principal, requirePrincipal } from './principal.ts'
import { ROLE_TABLE, type RoleTable, reachOf } from './role-table.ts'

/** What an {@link AccessControl} is made of. */
export interface AccessControlOptions {
  /** The roles in force: {@link extendRoleTable}. Default the built-in ones. */
  readonly roles?: RoleTable | undefined
  /** Asked in place of the role table. Default: the table decides. */
  readonly policy?: PolicyEngine | undefined
  /** Milliseconds that the policy engine has for an answer, 1 to 60000. Default 1000 (one second). */
  readonly policyTimeoutMs?: number | undefined
  /** Where refusals are recorded. Default: none. */
  readonly audit?: AuditTrail | undefined
  /** Milliseconds that a refusal waits for its record, 1 to 60000. Default 5000 (5 seconds). */
  readonly auditTimeoutMs?: number | undefined
  /** Counts refusals as `rbac_permission_denied_total`. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Told of records that could not be written and of engines that fail. Default: none. */
  readonly logger?: Logger | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({
  roles: ROLE_TABLE,
  policy: undefined,
  policyTimeoutMs: 1000,
  audit: undefined,
  auditTimeoutMs: 5000,
  metrics: silentMetrics,
  logger: silentLogger,
  clock: systemClock,
})

/** What goes with one question. */
export interface AccessOptions {
  /** Id of the request, for the audit log. Default: none. */
  readonly requestId?: string | undefined
  /** Ends the wait for a policy engine. */
  readonly signal?: AbortSignal | undefined
}

/** What is allowed, and for which part of the tenant. */
export interface AccessGrant {
  /** `own`: narrow lists to what belongs to the principal. */
  readonly scope: 'all' | 'own'
}

/**
 * Decides who may do what, and lets no refusal go unseen: each is counted and written to the audit log. It refuses
 * where it cannot decide. A refusal stands whether or not its record could be written.
 */
export class AccessControl {
  readonly #roles: RoleTable
  readonly #policy: PolicyEngine | undefined
  readonly #policyTimeoutMs: number
  readonly #audit: AuditTrail | undefined
  readonly #auditTimeoutMs: number
  readonly #denied: Counter
  readonly #logger: Logger
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on a time limit out of its range. */
  constructor(options: AccessControlOptions = {}) {
    const bounds = { min: 1, max: 60_000 }
    const given = withDefaults<AccessControlOptions, typeof DEFAULTS>(options, DEFAULTS)
    this.#roles = given.roles
    this.#policy = given.policy && requireMethods('policy', given.policy, ['reach'])
    this.#policyTimeoutMs = requireInteger('policyTimeoutMs', given.policyTimeoutMs, bounds)
    this.#audit = given.audit && requireMethods('audit', given.audit, ['write'])
    this.#auditTimeoutMs = requireInteger('auditTimeoutMs', given.auditTimeoutMs, bounds)
    this.#denied = given.metrics.counter(METRICS.rbacPermissionDenied)
    this.#logger = given.logger
    this.#clock = given.clock
  }

  /**
   * The decision alone: nothing is thrown for a refusal, recorded or counted. For showing what is possible.
   * @throws InvalidOptionError `INVALID_OPTION` on a principal that names nobody; TimeError `ABORTED`.
   */
  async decide(
    principal: Principal,
    permission: Permission,
    resource?: AccessResource,
    options: AccessOptions = {},
  ): Promise<AccessDecision> {
    return (await this.#ask(principal, permission, resource, options)).decision
  }

  /**
   * Resolves where `principal` may do what `permission` names, to `resource` where the act is on one thing. Call it
   * outside of transactions: a refusal is recorded in one of its own.
   * @throws AccessError `PERMISSION_DENIED`; `RESOURCE_NOT_FOUND` where the resource is another tenant's, or somebody
   * else's and the permission reaches one's own only; `POLICY_UNAVAILABLE` (retryable). InvalidOptionError
   * `INVALID_OPTION` on a principal that names nobody. TimeError `ABORTED`.
   */
  async require(
    principal: Principal,
    permission: Permission,
    resource?: AccessResource,
    options: AccessOptions = {},
  ): Promise<AccessGrant> {
    const { decision, cause } = await this.#ask(principal, permission, resource, options)
    if (decision.allowed) return { scope: decision.scope }
    const { reason } = decision
    const role = Object.hasOwn(this.#roles, principal.role) ? principal.role : 'unknown'
    this.#denied.increment({ permission, role })
    await this.#record(denialEntry({ principal, permission, ...(resource && { resource }) }, reason, options))
    throw refusal(principal, permission, reason, cause)
  }

  async #ask(
    principal: Principal,
    permission: Permission,
    resource: AccessResource | undefined,
    { signal }: AccessOptions,
  ): Promise<{ readonly decision: AccessDecision; readonly cause?: unknown }> {
    requirePrincipal(principal)
    const request = { principal, permission, ...(resource && { resource }) }
    const policy = this.#policy
    if (policy === undefined)
      return { decision: decideAccess(request, reachOf(principal.role, permission, this.#roles)) }
    const limit = { timeoutMs: this.#policyTimeoutMs, clock: this.#clock, ...(signal && { signal }) }
    try {
      const reach = await withDeadline(limit, async (waiting) => policy.reach(request, { signal: waiting }))
      if (reach === 'all' || reach === 'own' || reach === 'none')
        return { decision: decideAccess(request, reach) }
      throw new TypeError('the policy engine answered with something else than a reach')
    } catch (cause) {
      if (signal?.aborted) throw cause
      this.#logger.error(
        { err: cause, permission },
        'the policy engine gave no answer, so the act was refused',
      )
      return { decision: { allowed: false, reason: 'policy-unavailable' }, cause }
    }
  }

  async #record(entry: AuditEntry): Promise<void> {
    const trail = this.#audit
    if (trail === undefined) return
    try {
      const limit = { timeoutMs: this.#auditTimeoutMs, clock: this.#clock }
      await withDeadline(limit, () => trail.write(entry))
    } catch (error) {
      this.#logger.error({ err: error, entry }, 'a refusal could not be recorded in the audit log')
    }
  }
}

const MAX_RESOURCE_LENGTH = 512

function denialEntry(
  { principal, permission, resource }: AccessRequest,
  reason: DenialReason,
  { requestId }: AccessOptions,
): AuditEntry {
  const { id, kind, role, tenantId } = principal
  const named = `${resource?.kind ?? 'resource'}/${resource?.id ?? ''}`
  return {
    tenantId,
    actor: { id, kind, ...(requestId === undefined ? {} : { requestId }) },
    action: 'access.require',
    resource: resource === undefined ? `permission/${permission}` : named.slice(0, MAX_RESOURCE_LENGTH),
    outcome: reason === 'policy-unavailable' ? 'failed' : 'denied',
    details: { permission, role, reason },
  }
}

function refusal(
  { role }: Principal,
  permission: Permission,
  reason: DenialReason,
  cause: unknown,
): AccessError {
  if (reason === 'foreign' || reason === 'not-owner')
    return new AccessError({ code: 'RESOURCE_NOT_FOUND', message: 'there is no such resource' })
  if (reason === 'policy-unavailable') {
    const message = 'the access policy cannot be asked at the moment'
    return new AccessError({ code: 'POLICY_UNAVAILABLE', message, retryable: true, cause })
  }
  const message =
    reason === 'needs-human' ? `${permission} is for people only` : `role ${role} lacks ${permission}`
  return new AccessError({ code: 'PERMISSION_DENIED', message, details: { permission, role } })
}
