import { createLocalJWKSet, errors, type JWK, jwtVerify, type LocalJWKSet } from 'jose'
import { InvalidOptionError, requireInteger, requireText } from '../../errors/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import { SecurityError } from '../security-error.ts'
import { findFormFault } from './compact-form.ts'
import { asSigningAlgorithm, type SigningAlgorithm } from './signing-key.ts'
import { readClaims, type TokenClaims } from './token-claims.ts'
import { DEFAULT_TOKEN_LIFETIME_SECONDS } from './token-issuer.ts'

/** What a {@link TokenVerifier} is made of. */
export interface TokenVerifierOptions {
  /** Public keys of our issuer, 1 to 16, each with `kid` and with `alg` RS256 or EdDSA: what `TokenIssuer.jwks()` gives. */
  readonly keys: readonly Readonly<JWK>[]
  /** What `iss` must be. */
  readonly issuer: string
  /** What `aud` must be. */
  readonly audience: string
  /** Seconds that clocks may differ, 0 to 60. Default 5. */
  readonly clockToleranceSeconds?: number
  /** Greatest age and greatest lifetime of a token in seconds, 1 to 86400. Default 900 (15 minutes). */
  readonly maxTokenAgeSeconds?: number
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
}

const REQUIRED_CLAIMS = ['iss', 'aud', 'sub', 'role', 'tenant', 'jti', 'iat', 'exp']
const MAX_KEYS = 16

/** Verifies the access tokens of our own issuer. Follows RFC 8725 (JWT best practices); keys come from here alone. */
export class TokenVerifier {
  readonly #keys: LocalJWKSet
  readonly #algorithms: SigningAlgorithm[]
  readonly #issuer: string
  readonly #audience: string
  readonly #clockToleranceSeconds: number
  readonly #maxTokenAgeSeconds: number
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option, such as a private or symmetric key. */
  constructor(options: TokenVerifierOptions) {
    this.#algorithms = requireKeys(options.keys)
    this.#keys = createLocalJWKSet({ keys: options.keys.map((key) => ({ ...key })) })
    this.#issuer = requireText('issuer', options.issuer)
    this.#audience = requireText('audience', options.audience)
    const tolerance = options.clockToleranceSeconds ?? 5
    this.#clockToleranceSeconds = requireInteger('clockToleranceSeconds', tolerance, { max: 60 })
    const maxAge = options.maxTokenAgeSeconds ?? DEFAULT_TOKEN_LIFETIME_SECONDS
    this.#maxTokenAgeSeconds = requireInteger('maxTokenAgeSeconds', maxAge, { min: 1, max: 86_400 })
    this.#clock = options.clock ?? systemClock
  }

  /**
   * The claims of a token that is genuine and in force.
   * @throws SecurityError `TOKEN_EXPIRED` on a genuine token that is too old, `TOKEN_INVALID` on all else.
   */
  async verify(token: string): Promise<TokenClaims> {
    const fault = typeof token === 'string' ? findFormFault(token) : 'not a string'
    if (fault !== undefined) throw invalid(fault)
    const payload = await this.#verifySigned(token)
    const claims = readClaims(payload)
    if (claims === undefined || payload.aud !== this.#audience) throw invalid('claims of the wrong kind')
    const lifetimeMs = claims.expiresAt.getTime() - claims.issuedAt.getTime()
    if (lifetimeMs > this.#maxTokenAgeSeconds * 1000) throw invalid('a lifetime longer than allowed')
    return claims
  }

  async #verifySigned(token: string): Promise<Record<string, unknown>> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms: this.#algorithms,
        issuer: this.#issuer,
        audience: this.#audience,
        typ: 'at+jwt',
        clockTolerance: this.#clockToleranceSeconds,
        maxTokenAge: this.#maxTokenAgeSeconds,
        requiredClaims: REQUIRED_CLAIMS,
        currentDate: this.#clock.now(),
      })
      return payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new SecurityError({ code: 'TOKEN_EXPIRED', message: 'the token has expired', cause: error })
      }
      throw invalid(error)
    }
  }
}

function requireKeys(keys: readonly Readonly<JWK>[]): SigningAlgorithm[] {
  if (keys.length < 1 || keys.length > MAX_KEYS)
    throw new InvalidOptionError('keys', `1 to ${MAX_KEYS} keys`, keys)
  const algorithms = new Set<SigningAlgorithm>()
  for (const { alg, kid, d, k } of keys) {
    const isPublic = d === undefined && k === undefined
    const algorithm = asSigningAlgorithm(alg)
    if (!isPublic || typeof kid !== 'string' || algorithm === undefined) {
      throw new InvalidOptionError('keys', 'public keys with kid and with alg RS256 or EdDSA', alg)
    }
    algorithms.add(algorithm)
  }
  return [...algorithms]
}

function invalid(cause: unknown): SecurityError {
  return new SecurityError({ code: 'TOKEN_INVALID', message: 'the token is invalid', cause })
}
