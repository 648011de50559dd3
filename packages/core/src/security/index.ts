export {
  type HashPasswordOptions,
  hashPassword,
  needsRehash,
  type VerifyPasswordOptions,
  verifyPassword,
} from './password/password.ts'
export { can, ownOnly, type PermissionTarget } from './rbac/can.ts'
export { PERMISSIONS, type Permission } from './rbac/permission.ts'
export { HUMAN_ROLES, type HumanRole } from './rbac/role.ts'
export { ROLE_TABLE, type RoleGrants } from './rbac/role-table.ts'
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
