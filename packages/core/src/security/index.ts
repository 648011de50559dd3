export { type AuditTrail, auditTrail } from './audit-trail.ts'
export {
  type HashPasswordOptions,
  hashPassword,
  needsRehash,
  type VerifyPasswordOptions,
  verifyPassword,
} from './password/password.ts'
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
