export { MemoryKeyRingStore } from './adapters/memory/memory-key-ring-store.ts'
export { MemoryRefreshTokenStore } from './adapters/memory/memory-refresh-token-store.ts'
export { MemoryRevocationStore } from './adapters/memory/memory-revocation-store.ts'
export { SqlKeyRingStore, type SqlKeyRingStoreOptions } from './adapters/sql/sql-key-ring-store.ts'
export { SqlRefreshTokenStore } from './adapters/sql/sql-refresh-token-store.ts'
export { SqlRevocationStore } from './adapters/sql/sql-revocation-store.ts'
export { type AuditTrail, auditTrail } from './audit-trail.ts'
export type { ForeignIdentity, ForeignIssuerOptions } from './foreign-issuer/foreign-issuer-options.ts'
export { type KeyListing, KeyRing, type KeyRotation } from './key-ring/key-ring.ts'
export type { KeyRingOptions } from './key-ring/key-ring-options.ts'
export type {
  KeyRecord,
  KeyRingChange,
  KeyRingContents,
  KeyRingStore,
} from './key-ring/key-ring-store.ts'
export type { KeyInstants, KeyState } from './key-ring/key-state.ts'
export {
  PasswordSignIn,
  type PasswordSignInOptions,
  type SignedInUser,
  type SignInRequest,
} from './login/password-sign-in.ts'
export { SignInError, type SignInErrorCode } from './login/sign-in-error.ts'
export {
  MemoryThrottleStore,
  type MemoryThrottleStoreOptions,
} from './login/throttle/adapters/memory/memory-throttle-store.ts'
export {
  RedisThrottleStore,
  type RedisThrottleStoreOptions,
} from './login/throttle/adapters/redis/redis-throttle-store.ts'
export type { KnownBy, ThrottleCause } from './login/throttle/decide-try.ts'
export type {
  ReserveAnswer,
  ThrottleStore,
  TryKeys,
  TryReservation,
} from './login/throttle/ports/throttle-store.ts'
export type { ResolvedSignInLimits, SignInLimits } from './login/throttle/sign-in-limits.ts'
export {
  type SignInOrigin,
  SignInThrottle,
  type SignInThrottleOptions,
} from './login/throttle/sign-in-throttle.ts'
export {
  MemoryUserStore,
  type MemoryUserStoreOptions,
} from './login/users/adapters/memory/memory-user-store.ts'
export { SqlUserStore, type SqlUserStoreOptions } from './login/users/adapters/sql/sql-user-store.ts'
export type {
  SignInRecord,
  UserCredentials,
  UserListOptions,
  UserStore,
} from './login/users/ports/user-store.ts'
export type { NewUser, User, UserChange, UserKey } from './login/users/user.ts'
export { UserError, type UserErrorCode } from './login/users/user-error.ts'
export {
  type AcceptablePasswordOptions,
  requireAcceptablePassword,
} from './password/acceptable-password.ts'
export type { DeriveTag } from './password/derive-tag.ts'
export { hashPassword, needsRehash, verifyPassword } from './password/password.ts'
export {
  type HashPasswordOptions,
  PasswordHasher,
  type PasswordHasherOptions,
  type VerifyPasswordOptions,
} from './password/password-hasher.ts'
export type { PasswordParameters } from './password/password-parameters.ts'
export type { PasswordPepper } from './password/password-pepper.ts'
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
  type RoleLimit,
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
  PERMISSIONS,
  type Permission,
  type PermissionReach,
} from './rbac/permission.ts'
export type { PolicyEngine, PolicyEngineOptions } from './rbac/ports/policy-engine.ts'
export type { Principal } from './rbac/principal.ts'
export { type RequirePermissionOptions, requirePermission } from './rbac/require-permission.ts'
export { HUMAN_ROLES, type HumanRole } from './rbac/role.ts'
export { ROLE_TABLE, type RoleGrants, type RoleTable, reachOf } from './rbac/role-table.ts'
export {
  type IssuedRefreshToken,
  type RefreshOptions,
  type RefreshSession,
  RefreshTokenService,
  type RefreshTokenServiceOptions,
  type RefusedRefresh,
} from './refresh/refresh-token-service.ts'
export type {
  NewRefreshFamily,
  RefreshDecision,
  RefreshFamily,
  RefreshRefusal,
  RefreshSubject,
  RefreshTokenDecided,
  RefreshTokenRecord,
  RefreshTokenState,
  RefreshTokenStore,
  SpentToken,
} from './refresh/refresh-token-store.ts'
export type { Revocation, RevocationPage, RevocationStore } from './revocation/revocation-store.ts'
export {
  type RevokedSubject,
  TokenRevocations,
  type TokenRevocationsOptions,
} from './revocation/token-revocations.ts'
export { SecurityError, type SecurityErrorCode } from './security-error.ts'
export { ConfiguredKeyRing, type ConfiguredKeys } from './token/configured-key-ring.ts'
export { findSecretFault } from './token/secret-strength.ts'
export type { KeyPairAlgorithm, SigningAlgorithm } from './token/signing-algorithm.ts'
export {
  generateSigningJwk,
  type SigningKey,
  type SigningKeyPair,
} from './token/signing-key.ts'
export type { SigningSecret } from './token/signing-secret.ts'
export type { TokenClaims } from './token/token-claims.ts'
export {
  DEFAULT_TOKEN_LIFETIME_SECONDS,
  type IssuedToken,
  TokenIssuer,
  type TokenIssuerOptions,
  type TokenRequest,
} from './token/token-issuer.ts'
export type { PublishedKeys, SigningKeys, VerificationKeys } from './token/token-keys.ts'
export { TokenVerifier } from './token/token-verifier.ts'
export type { RevocationCheck, TokenVerifierOptions } from './token/token-verifier-options.ts'
export type { VerificationKey } from './token/verification-key.ts'
