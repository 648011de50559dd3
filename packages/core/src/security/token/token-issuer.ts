import { randomUUID } from 'node:crypto'
import { type JWK, SignJWT } from 'jose'
import { InvalidOptionError, requireInteger, requireText } from '../../errors/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import type { HumanRole } from '../rbac/role.ts'
import type { SigningKey } from './signing-key.ts'
import { readClaims, type TokenClaims } from './token-claims.ts'

/** What a {@link TokenIssuer} is made of. */
export interface TokenIssuerOptions {
  readonly key: SigningKey
  /** Claim `iss`. */
  readonly issuer: string
  /** Claim `aud`. */
  readonly audience: string
  /** Seconds that a token is valid, 1 to 86400. Default 900 (15 minutes). */
  readonly lifetimeSeconds?: number
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
}

/** Whom a token is for. */
export interface TokenRequest {
  readonly subject: string
  readonly role: HumanRole
  readonly tenantId: string
}

/** A token, and what it says. */
export interface IssuedToken {
  /** The JWT in compact form. A secret of the person it is for. */
  readonly token: string
  readonly claims: TokenClaims
}

/** Seconds that a token is valid where nothing else is said. */
export const DEFAULT_TOKEN_LIFETIME_SECONDS = 900

/** Issues access tokens: JWT of type `at+jwt` (RFC 9068), signed with one key. */
export class TokenIssuer {
  readonly #key: SigningKey
  readonly #issuer: string
  readonly #audience: string
  readonly #lifetimeSeconds: number
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: TokenIssuerOptions) {
    this.#key = options.key
    this.#issuer = requireText('issuer', options.issuer)
    this.#audience = requireText('audience', options.audience)
    const lifetime = options.lifetimeSeconds ?? DEFAULT_TOKEN_LIFETIME_SECONDS
    this.#lifetimeSeconds = requireInteger('lifetimeSeconds', lifetime, { min: 1, max: 86_400 })
    this.#clock = options.clock ?? systemClock
  }

  /**
   * Issues a token with an id of its own.
   * @throws InvalidOptionError `INVALID_OPTION` on a subject, role or tenant that a verifier would refuse.
   */
  async issue(request: TokenRequest): Promise<IssuedToken> {
    const iat = Math.floor(this.#clock.now().getTime() / 1000)
    const payload = {
      iss: this.#issuer,
      aud: this.#audience,
      sub: request.subject,
      role: request.role,
      tenant: request.tenantId,
      jti: randomUUID(),
      iat,
      exp: iat + this.#lifetimeSeconds,
    }
    const claims = readClaims(payload)
    if (claims === undefined)
      throw new InvalidOptionError('request', 'a subject, a role and a tenant', request)
    const header = { alg: this.#key.algorithm, typ: 'at+jwt', kid: this.#key.keyId }
    const token = await new SignJWT(payload).setProtectedHeader(header).sign(this.#key.privateKey)
    return { token, claims }
  }

  /** The public key as a JWK Set (RFC 7517), for `/.well-known/jwks.json`. */
  jwks(): { readonly keys: readonly Readonly<JWK>[] } {
    return { keys: [this.#key.publicJwk] }
  }
}
