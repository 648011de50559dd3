export { type AuditTrail, auditTrail } from './audit-trail.ts'
export {
  type HashPasswordOptions,
  hashPassword,
  needsRehash,
  type VerifyPasswordOptions,
  verifyPassword,
} from './password/password.ts'
export {
  MemoryRateLimiter,
  type MemoryRateLimiterOptions,
} from './rate-limit/adapters/memory/memory-rate-limiter.ts'
export {
  RedisRateLimiter,
  type RedisRateLimiterOptions,
} from './rate-limit/adapters/redis/redis-rate-limiter.ts'
export { addressKey } from './rate-limit/addresses/address-key.ts'
export { clientAddress, type RequestOrigin } from './rate-limit/addresses/client-address.ts'
export { type TrustedProxies, trustProxies } from './rate-limit/addresses/trusted-proxies.ts'
export { GuardedRateLimiter } from './rate-limit/guarded-rate-limiter.ts'
export type { GuardedRateLimiterOptions } from './rate-limit/guarded-rate-limiter-options.ts'
export type { LossPolicy, RateLimit } from './rate-limit/rate-limit.ts'
export { type RateLimitHeaderStyle, rateLimitHeaders } from './rate-limit/rate-limit-headers.ts'
export type {
  RateLimitAlgorithm,
  RateLimitDecision,
  RateLimiter,
  RateLimitSource,
} from './rate-limit/rate-limiter.ts'
export { ROLE_LIMITS } from './rate-limit/role-limits.ts'
export {
  type RateLimitedCaller,
  type RoleRateLimitAnswer,
  RoleRateLimiter,
  type RoleRateLimiterOptions,
} from './rate-limit/role-rate-limiter.ts'
export {
  AccessControl,
  type AccessControlOptions,
  type AccessGrant,
  type AccessOptions,
} from './rbac/access-control.ts'
export { AccessError, type AccessErrorCode } from './rbac/access-error.ts'
export type { AccessRequest, AccessResource } from './rbac/access-request.ts'
export { type AccessDecision, can, type DenialReason, decideAccess } from './rbac/can.ts'
export { type CustomRole, extendRoleTable } from './rbac/custom-role.ts'
export {
  HUMAN_ONLY_PERMISSIONS,
  PERMISSIONS,
  type Permission,
  type PermissionReach,
} from './rbac/permission.ts'
export type { PolicyEngine, PolicyEngineOptions } from './rbac/ports/policy-engine.ts'
export { type Principal, requirePrincipal } from './rbac/principal.ts'
export { type RequirePermissionOptions, requirePermission } from './rbac/require-permission.ts'
export { HUMAN_ROLES, type HumanRole } from './rbac/role.ts'
export { ROLE_TABLE, type RoleGrants, type RoleTable, reachOf } from './rbac/role-table.ts'
export { SecurityError, type SecurityErrorCode } from './security-error.ts'
export {
  generateSigningJwk,
  importSigningKey,
  type SigningAlgorithm,
  type SigningKey,
} from './token/signing-key.ts'
export type { TokenClaims } from './token/token-claims.ts'
export {
  DEFAULT_TOKEN_LIFETIME_SECONDS,
  type IssuedToken,
  TokenIssuer,
  type TokenIssuerOptions,
  type TokenRequest,
} from './token/token-issuer.ts'
export { TokenVerifier, type TokenVerifierOptions } from './token/token-verifier.ts'
