import { requireMethods, requireObject, requireOneOf, requireText, withDefaults } from '../../errors/index.ts'
import { type Counter, METRICS, type Metrics, silentMetrics } from '../../observability/index.ts'
import { addressKey } from './addresses/address-key.ts'
import { type LossPolicy, type RateLimit, requireRateLimit } from './rate-limit.ts'
import { type RateLimitHeaderStyle, rateLimitHeaders } from './rate-limit-headers.ts'
import type { RateLimitDecision, RateLimiter } from './rate-limiter.ts'
import { ROLE_LIMITS } from './role-limits.ts'

/** Who calls: a person whose token was verified, or an address of which no more is known. */
export type RateLimitedCaller =
  | { readonly tenantId: string; readonly role: string; readonly subject: string }
  | { readonly address: string }

/** How often a role may call. */
export interface RoleLimit extends Omit<RateLimit, 'name'> {
  /** What the limit is called in headers and metrics, 1 to 64 characters. Default the role. */
  readonly name?: string | undefined
}

/** What a {@link RoleRateLimiter} is made of. */
export interface RoleRateLimiterOptions {
  /** Who counts: a `GuardedRateLimiter` where processes share Redis, a `MemoryRateLimiter` where there is one process. */
  readonly limiter: RateLimiter
  /**
   * Limits by role, beside or in place of {@link ROLE_LIMITS}. A role that has none is limited as `anonymous`, counted for
   * the person. Default: none.
   */
  readonly limits?: Readonly<Record<string, RoleLimit>> | undefined
  /** Which headers tell of a limit. Default `draft`. */
  readonly headers?: RateLimitHeaderStyle | undefined
  /** Counts `limiter_decisions_total` by role, outcome and source. Default: none. */
  readonly metrics?: Metrics | undefined
}

/** A decision, and the headers that tell the caller of it. */
export interface RoleRateLimitAnswer extends RateLimitDecision {
  /** To be set on the answer, whether the call is admitted or not. */
  readonly headers: Readonly<Record<string, string>>
}

const DEFAULTS = Object.freeze({
  limiter: undefined,
  limits: {},
  headers: 'draft',
  metrics: silentMetrics,
} as const)

const STYLES = ['draft', 'legacy', 'both', 'off'] as const

/**
 * Limits calls by who makes them. All tokens of one person in one role count as one; a person without a role is counted
 * by address, IPv6 by its first 64 bits. Call it with the address when authentication fails too, so that guessing tokens
 * is not free.
 */
export class RoleRateLimiter {
  readonly #limiter: RateLimiter
  readonly #limits: ReadonlyMap<string, RateLimit>
  readonly #withPolicy = new Map<string, RateLimit>()
  readonly #headers: RateLimitHeaderStyle
  readonly #decisions: Counter

  /** @throws InvalidOptionError `INVALID_OPTION` on a limit or an option out of its range. */
  constructor(options: RoleRateLimiterOptions) {
    const { limiter, limits, headers, metrics } = withDefaults<RoleRateLimiterOptions, typeof DEFAULTS>(
      options,
      DEFAULTS,
    )
    this.#limiter = requireMethods('limiter', limiter, ['consume'])
    requireObject('limits', limits)
    const all = Object.entries<RoleLimit>({ ...ROLE_LIMITS, ...limits })
    this.#limits = new Map(
      all.map(([role, limit]) => [
        role,
        requireRateLimit(Object.freeze({ ...limit, name: limit.name ?? role }), `limits.${role}.`),
      ]),
    )
    this.#headers = requireOneOf('headers', headers, STYLES)
    this.#decisions = metrics.counter(METRICS.limiterDecisions)
  }

  /**
   * Asks for one call of `caller`. `onLoss` is the policy of the route that is called, in place of the limit's own.
   * @throws InvalidOptionError `INVALID_OPTION` on a tenant, role or subject that is empty or has more than 256
   * characters; StorageError `KEY_VALUE_UNAVAILABLE` (retryable) only from a limiter that is not guarded.
   */
  async consume(caller: RateLimitedCaller, onLoss?: LossPolicy): Promise<RoleRateLimitAnswer> {
    const limit = this.#limitOf('address' in caller ? 'anonymous' : caller.role, onLoss)
    const decision = await this.#limiter.consume(keyOf(caller), limit)
    const { allowed, source } = decision
    this.#decisions.increment({ role: limit.name, outcome: allowed ? 'allowed' : 'denied', source })
    return { ...decision, headers: rateLimitHeaders(limit, decision, this.#headers) }
  }

  #limitOf(role: string, onLoss: LossPolicy | undefined): RateLimit {
    const known = this.#limits.has(role) ? role : 'anonymous'
    // The constructor gave every role of the table a limit, anonymous among them.
    const limit = this.#limits.get(known) as RateLimit
    if (onLoss === undefined || onLoss === limit.onLoss) return limit
    const name = `${onLoss}:${known}`
    const kept = this.#withPolicy.get(name)
    if (kept !== undefined) return kept
    const made = requireRateLimit(Object.freeze({ ...limit, onLoss }))
    this.#withPolicy.set(name, made)
    return made
  }
}

/** `tenant:role:subject`; without a tenant, which none can be named, `:anonymous:address`. */
function keyOf(caller: RateLimitedCaller): string {
  if ('address' in caller) return `:anonymous:${addressKey(caller.address)}`
  const { tenantId, role, subject } = caller
  return `${part('tenantId', tenantId)}:${part('role', role)}:${part('subject', subject)}`
}

/** Colons and braces are escaped, so that no two callers have one key and a cluster sees no hash tag. */
function part(name: string, text: string): string {
  return encodeURIComponent(requireText(name, text))
}
