import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import type { Clock } from '@golden-arch/core/time'
import { decideRate, type SandboxRateLimit } from './rate-allowance.ts'
import { SandboxError } from './sandbox-error.ts'

/** Rate limits by role. Each tenant has each of them for itself; a role that is not named has none. */
export type RoleRateLimits = Readonly<Record<string, SandboxRateLimit>>

const ROLE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const FIRST_SWEEP_SIZE = 1024

/** Keeps the rate limits of roles, for each tenant by itself. */
export class RoleLimiter {
  readonly #limits: ReadonlyMap<string, SandboxRateLimit>
  readonly #clock: Clock
  readonly #restedAtMs = new Map<string, number>()
  #sweepSize = FIRST_SWEEP_SIZE

  constructor(limits: RoleRateLimits, clock: Clock) {
    this.#limits = new Map(Object.entries(limits))
    this.#clock = clock
  }

  /** Tenants' roles that it remembers: at most twice as many as have not rested yet, or 1024. */
  get size(): number {
    return this.#restedAtMs.size
  }

  /**
   * Counts one execution.
   * @throws SandboxError `SANDBOX_RATE_LIMITED` if it comes too soon; it is not counted then.
   */
  take(tenantId: string, role: string | undefined): void {
    const limit = role === undefined ? undefined : this.#limits.get(role)
    if (role === undefined || limit === undefined) return
    const nowMs = this.#clock.monotonicMs()
    // No role holds a blank, so no two pairs share a key.
    const key = `${role} ${tenantId}`
    const { restedAtMs, retryAfterMs } = decideRate(this.#restedAtMs.get(key) ?? nowMs, limit, nowMs)
    if (retryAfterMs > 0) throw SandboxError.rateLimited(role, retryAfterMs)
    this.#restedAtMs.set(key, restedAtMs)
    if (this.#restedAtMs.size > this.#sweepSize) this.#forgetRested(nowMs)
  }

  #forgetRested(nowMs: number): void {
    for (const [key, restedAtMs] of this.#restedAtMs) {
      if (restedAtMs <= nowMs) this.#restedAtMs.delete(key)
    }
    this.#sweepSize = Math.max(FIRST_SWEEP_SIZE, 2 * this.#restedAtMs.size)
  }
}

/**
 * Returns the limits if each keeps its rule.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function requireRoleRateLimits(limits: RoleRateLimits): RoleRateLimits {
  const checked = Object.entries(limits).map(([role, limit]): [string, SandboxRateLimit] => {
    if (!ROLE_NAME.test(role)) {
      throw new InvalidOptionError('rateLimits', 'an object by names of roles', role)
    }
    return [
      role,
      {
        perMinute: requireInteger(`rateLimits.${role}.perMinute`, limit?.perMinute, { min: 1, max: 600_000 }),
        burst: requireInteger(`rateLimits.${role}.burst`, limit?.burst, { min: 1, max: 10_000 }),
      },
    ]
  })
  return Object.freeze(Object.fromEntries(checked))
}
