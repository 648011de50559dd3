import type { JWK } from 'jose'
import type { Logger } from '../../observability/index.ts'
import type { Clock } from '../../time/index.ts'
import type { ForeignIssuerOptions } from '../foreign-issuer/foreign-issuer-options.ts'
import type { RoleTable } from '../rbac/role-table.ts'
import type { TokenClaims } from './token-claims.ts'
import type { VerificationKeys } from './token-keys.ts'

/** What a verifier asks of a revocation list. */
export interface RevocationCheck {
  /**
   * Whether a token with those claims is revoked: itself, its subject's tokens of that time, or its key.
   * @throws SecurityError `TOKEN_REVOCATIONS_UNAVAILABLE` (retryable) where that cannot be known.
   */
  isRevoked(claims: TokenClaims): boolean | Promise<boolean>
}

/** What a {@link TokenVerifier} is made of. */
export interface TokenVerifierOptions {
  /**
   * The keys of our own issuer: a `KeyRing` or a `ConfiguredKeyRing`; or 1 to 16 public JWKs, each with `kid` and with
   * `alg` RS256, ES256 or EdDSA.
   */
  readonly keys: VerificationKeys | readonly Readonly<JWK>[]
  /** What `iss` of our own tokens must be. */
  readonly issuer: string
  /** What `aud` of our own tokens must be. */
  readonly audience: string
  /** Further issuers whose tokens are accepted, at most 16. Default: none. */
  readonly foreignIssuers?: readonly ForeignIssuerOptions[] | undefined
  /** What knows of revoked tokens. Default: none are. */
  readonly revocations?: RevocationCheck | undefined
  /** The roles that a token may name, 1 to 1000, or the table of them: `extendRoleTable`. Default the built-in ones. */
  readonly roles?: readonly string[] | RoleTable | undefined
  /** Seconds that clocks may differ, 0 to 60. Default 5. */
  readonly clockToleranceSeconds?: number | undefined
  /** Greatest age and greatest lifetime of our own tokens in seconds, 1 to 86400. Default 900 (15 minutes). */
  readonly maxTokenAgeSeconds?: number | undefined
  /** Told why a token was refused, which the caller is not: level info, never the token itself. Default: none. */
  readonly logger?: Logger | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}
