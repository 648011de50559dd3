import { errors, jwtVerify } from 'jose'
import {
  InvalidOptionError,
  requireInteger,
  requireMethods,
  requireText,
  type WithDefaults,
  withDefaults,
} from '../../errors/index.ts'
import { type Logger, silentLogger } from '../../observability/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import { foreignParty } from '../foreign-issuer/foreign-party.ts'
import { SecurityError } from '../security-error.ts'
import { readCompactForm } from './compact-form.ts'
import { claimsInForce, GenuineTokens, type TokenOrigin } from './genuine-tokens.ts'
import { PublicKeySet } from './public-key-set.ts'
import { roleNames } from './role-names.ts'
import { readClaims, type TokenClaims } from './token-claims.ts'
import { DEFAULT_TOKEN_LIFETIME_SECONDS } from './token-issuer.ts'
import type { VerificationKeys } from './token-keys.ts'
import { findPartyFault, type TokenParty } from './token-party.ts'
import type { TokenRefusal } from './token-refusal.ts'
import type { RevocationCheck, TokenVerifierOptions } from './token-verifier-options.ts'
import type { VerificationKey } from './verification-key.ts'

const REQUIRED_CLAIMS = ['iss', 'aud', 'sub', 'jti', 'iat', 'exp']
const OWN_MEMBERS: ReadonlySet<string> = new Set(['alg', 'kid', 'typ'])
const MAX_FOREIGN_ISSUERS = 16

const DEFAULTS = Object.freeze({
  keys: undefined,
  issuer: undefined,
  audience: undefined,
  foreignIssuers: [],
  revocations: undefined,
  roles: undefined,
  clockToleranceSeconds: 5,
  maxTokenAgeSeconds: DEFAULT_TOKEN_LIFETIME_SECONDS,
  logger: silentLogger,
  clock: systemClock,
})

/**
 * Verifies access tokens of our own issuer and of foreign ones that are configured. Follows RFC 8725 (JWT best
 * practices): keys, algorithms and issuers come from its options alone, never from a token.
 */
export class TokenVerifier {
  readonly #parties: ReadonlyMap<unknown, TokenParty>
  readonly #revocations: RevocationCheck | undefined
  readonly #genuine = new GenuineTokens()
  readonly #clockToleranceSeconds: number
  readonly #logger: Logger
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option, such as a private or symmetric key among public ones. */
  constructor(options: TokenVerifierOptions) {
    const given = withDefaults<TokenVerifierOptions, typeof DEFAULTS>(options, DEFAULTS)
    const own = ownParty(given)
    const parties = new Map<unknown, TokenParty>([[own.issuer, own]])
    const { foreignIssuers, revocations, logger, clock } = given
    if (!Array.isArray(foreignIssuers) || foreignIssuers.length > MAX_FOREIGN_ISSUERS)
      throw new InvalidOptionError('foreignIssuers', `at most ${MAX_FOREIGN_ISSUERS} issuers`, foreignIssuers)
    const roles = roleNames(given.roles)
    for (const issuer of foreignIssuers) {
      const party = foreignParty(issuer, { roles, logger, clock })
      if (parties.has(party.issuer))
        throw new InvalidOptionError('foreignIssuers', 'issuers of different names', party.issuer)
      parties.set(party.issuer, party)
    }
    this.#parties = parties
    this.#revocations = revocations && requireMethods('revocations', revocations, ['isRevoked'])
    this.#clockToleranceSeconds = requireInteger('clockToleranceSeconds', given.clockToleranceSeconds, {
      max: 60,
    })
    this.#logger = logger
    this.#clock = clock
  }

  /**
   * The claims of a token that is genuine, in force and not revoked.
   * @throws SecurityError `TOKEN_EXPIRED` on a genuine token that is too old, `TOKEN_INVALID` on all else that is wrong
   * with it; why stands in the log alone. `TOKEN_KEYS_UNAVAILABLE` or `TOKEN_REVOCATIONS_UNAVAILABLE` (both retryable:
   * 503 and not 401 at the edge) where nothing can be said of it now.
   */
  async verify(token: string): Promise<TokenClaims> {
    const known = this.#genuine.find(token)
    const origin = known?.origin ?? this.#originOf(token)
    const found = origin.party.keys.verificationKey(origin.keyId)
    const key = found instanceof Promise ? await found : found
    if (key === undefined) throw this.#refuse('unknown-key')
    if (key.algorithm !== origin.algorithm) throw this.#refuse('wrong-algorithm')
    const claims =
      (known && claimsInForce(known, key, this.#clock.now())) ?? (await this.#claimsOf(token, origin, key))
    if (this.#revocations !== undefined) {
      const isRevoked = this.#revocations.isRevoked(claims)
      // Nothing but a plain no lets the token pass.
      if ((isRevoked instanceof Promise ? await isRevoked : isRevoked) !== false)
        throw this.#refuse('revoked')
    }
    return claims
  }

  #originOf(token: string): TokenOrigin {
    const form = readCompactForm(token)
    if (typeof form === 'string') throw this.#refuse(form)
    const party = this.#parties.get(form.payload.iss)
    if (party === undefined) throw this.#refuse('unknown-issuer')
    const fault = findPartyFault(party, form, token.length)
    if (fault !== undefined) throw this.#refuse(fault)
    // `findPartyFault` lets no other `kid` pass than a text; what `alg` is, the key's own is held against.
    return { party, keyId: form.header.kid as string, algorithm: form.header.alg as TokenOrigin['algorithm'] }
  }

  async #claimsOf(token: string, origin: TokenOrigin, key: VerificationKey): Promise<TokenClaims> {
    const { party } = origin
    const { payload, isExpired } = await this.#verifySigned(token, party, key)
    const claims = party.claimsOf(payload, key.keyId)
    if (typeof claims === 'string') throw this.#refuse(claims)
    if ('wrongClaim' in claims) throw this.#refuse('wrong-claim', claims.wrongClaim)
    const lifetimeMs = claims.expiresAt.getTime() - claims.issuedAt.getTime()
    if (lifetimeMs > party.maxTokenAgeSeconds * 1000) throw this.#refuse('lifetime-too-long')
    // Last, so that nothing but a token without any other fault is called expired.
    if (isExpired) throw this.#refuse('expired')
    this.#genuine.note(token, origin, key, claims, this.#clock.now())
    return claims
  }

  async #verifySigned(token: string, party: TokenParty, key: VerificationKey): Promise<SignedPayload> {
    try {
      const { payload } = await jwtVerify(token, key.key, {
        algorithms: [key.algorithm],
        issuer: party.issuer,
        audience: party.audience,
        typ: party.tokenType,
        clockTolerance: this.#clockToleranceSeconds,
        maxTokenAge: party.maxTokenAgeSeconds,
        requiredClaims: REQUIRED_CLAIMS,
        currentDate: this.#clock.now(),
      })
      return { payload, isExpired: false }
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { payload: error.payload, isExpired: true }
      if (error instanceof errors.JWTClaimValidationFailed) throw this.#refuse('wrong-claim', error.claim)
      throw this.#refuse('wrong-signature')
    }
  }

  #refuse(reason: TokenRefusal, claim?: string): SecurityError {
    this.#logger.info({ reason, ...(claim === undefined ? {} : { claim }) }, 'token refused')
    return reason === 'expired'
      ? new SecurityError({ code: 'TOKEN_EXPIRED', message: 'the token has expired' })
      : new SecurityError({ code: 'TOKEN_INVALID', message: 'the token is invalid' })
  }
}

/** A payload whose signature, issuer and audience are right. */
interface SignedPayload {
  readonly payload: Readonly<Record<string, unknown>>
  readonly isExpired: boolean
}

function ownParty(options: WithDefaults<TokenVerifierOptions, typeof DEFAULTS>): TokenParty {
  const issuer = requireText('issuer', options.issuer)
  const audience = requireText('audience', options.audience)
  const roles = roleNames(options.roles)
  return {
    issuer,
    audience,
    keys: verificationKeysOf(options.keys),
    tokenType: 'at+jwt',
    headerMembers: OWN_MEMBERS,
    isOurs: true,
    maxTokenAgeSeconds: requireInteger('maxTokenAgeSeconds', options.maxTokenAgeSeconds, {
      min: 1,
      max: 86_400,
    }),
    claimsOf: (payload, keyId) =>
      payload.aud === audience ? readClaims(payload, { roles, keyId }) : 'wrong-audience',
  }
}

function verificationKeysOf(keys: TokenVerifierOptions['keys']): VerificationKeys {
  if (Array.isArray(keys)) return new PublicKeySet(keys)
  // What is no list is an object of ours or of the caller's.
  const ring = keys as VerificationKeys
  if (typeof ring?.verificationKey !== 'function')
    throw new InvalidOptionError('keys', 'a key ring or public keys', keys)
  return ring
}
