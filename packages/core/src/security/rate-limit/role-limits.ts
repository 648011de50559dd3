import type { HumanRole } from '../rbac/role.ts'
import type { RateLimit } from './rate-limit.ts'

const MINUTE_MS = 60_000

/** Calls of one person in any minute by role; of one address for those who are anonymous. */
export const ROLE_LIMITS: Readonly<Record<HumanRole, RateLimit>> = Object.freeze({
  admin: perMinute('admin', 100),
  operator: perMinute('operator', 50),
  developer: perMinute('developer', 30),
  observer: perMinute('observer', 20),
  anonymous: perMinute('anonymous', 5),
})

function perMinute(name: string, limit: number): RateLimit {
  return Object.freeze({ name, limit, windowMs: MINUTE_MS })
}
