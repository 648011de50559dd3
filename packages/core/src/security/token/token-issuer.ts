import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { ActorKind } from '../../audit/index.ts'
import { InvalidOptionError, requireInteger, requireText, withDefaults } from '../../errors/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import type { RoleTable } from '../rbac/role-table.ts'
import { roleNames } from './role-names.ts'
import {
  isId,
  isKind,
  MAX_SUBJECT_LENGTH,
  MAX_TENANT_LENGTH,
  readClaims,
  type TokenClaims,
} from './token-claims.ts'
import type { SigningKeys } from './token-keys.ts'

/** What a {@link TokenIssuer} is made of. */
export interface TokenIssuerOptions {
  /** Gives the key that signs: a `KeyRing` or a `ConfiguredKeyRing`. */
  readonly keys: SigningKeys
  /** Claim `iss`. */
  readonly issuer: string
  /** Claim `aud`. */
  readonly audience: string
  /** Seconds that a token is valid, 1 to 86400 and no more than the key ring allows. Default 900 (15 minutes). */
  readonly lifetimeSeconds?: number | undefined
  /** The roles that a token may name, 1 to 1000, or the table of them: `extendRoleTable`. Default the built-in ones. */
  readonly roles?: readonly string[] | RoleTable | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** Whom a token is for. */
export interface TokenRequest {
  readonly subject: string
  /** Whether a person, an agent or a part of the system acts. */
  readonly kind: ActorKind
  readonly role: string
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

const DEFAULTS = Object.freeze({
  keys: undefined,
  issuer: undefined,
  audience: undefined,
  lifetimeSeconds: DEFAULT_TOKEN_LIFETIME_SECONDS,
  roles: undefined,
  clock: systemClock,
})

/** Issues access tokens: JWT of type `at+jwt` (RFC 9068), signed with the key that its key ring names. */
export class TokenIssuer {
  readonly #keys: SigningKeys
  readonly #issuer: string
  readonly #audience: string
  readonly #lifetimeSeconds: number
  readonly #roles: ReadonlySet<string>
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: TokenIssuerOptions) {
    const { lifetimeSeconds: lifetime, ...given } = withDefaults(options, DEFAULTS)
    this.#keys = requireSigningKeys(given.keys)
    this.#issuer = requireText('issuer', given.issuer)
    this.#audience = requireText('audience', given.audience)
    const max = Math.min(86_400, this.#keys.maxTokenLifetimeSeconds ?? 86_400)
    this.#lifetimeSeconds = requireInteger('lifetimeSeconds', lifetime, { min: 1, max })
    this.#roles = roleNames(given.roles)
    this.#clock = given.clock
  }

  /**
   * Issues a token with an id of its own.
   * @throws InvalidOptionError `INVALID_OPTION` on a subject, kind, role or tenant that a verifier would refuse.
   * SecurityError `TOKEN_KEYS_UNAVAILABLE` (retryable) where the key ring cannot be read.
   */
  async issue(request: TokenRequest): Promise<IssuedToken> {
    const key = await this.#keys.signingKey()
    const { algorithm, keyId } = key
    const iat = Math.floor(this.#clock.now().getTime() / 1000)
    const payload = {
      iss: this.#issuer,
      aud: this.#audience,
      sub: request.subject,
      kind: request.kind,
      role: request.role,
      tenant: request.tenantId,
      jti: randomUUID(),
      iat,
      exp: iat + this.#lifetimeSeconds,
    }
    const claims = readClaims(payload, { roles: this.#roles, keyId })
    if ('wrongClaim' in claims) throw faultOf(request, this.#roles)
    const header = { alg: algorithm, typ: 'at+jwt', kid: keyId }
    const signer = algorithm === 'HS256' ? key.secretKey : key.privateKey
    return { token: await new SignJWT(payload).setProtectedHeader(header).sign(signer), claims }
  }
}

/** Names the member for which a verifier would refuse the token. */
function faultOf({ subject, kind, role, tenantId }: TokenRequest, roles: ReadonlySet<string>): Error {
  const id = (maxLength: number): string => `1 to ${maxLength} characters without control characters`
  if (!isKind(kind)) return new InvalidOptionError('kind', 'human, agent or service', kind)
  if (!roles.has(role)) return new InvalidOptionError('role', `one of ${[...roles].join(', ')}`, role)
  if (!isId(tenantId, MAX_TENANT_LENGTH))
    return new InvalidOptionError('tenantId', id(MAX_TENANT_LENGTH), tenantId)
  return new InvalidOptionError('subject', id(MAX_SUBJECT_LENGTH), subject)
}

function requireSigningKeys(keys: SigningKeys): SigningKeys {
  if (typeof keys?.signingKey !== 'function')
    throw new InvalidOptionError('keys', 'a key ring with signingKey()', keys)
  return keys
}
