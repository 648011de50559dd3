import type { ActorKind } from '../../audit/index.ts'

/** Who a token speaks for, and until when. */
export interface TokenClaims {
  /** Who issued it: our own issuer, or a foreign one that is configured. */
  readonly issuer: string
  /** Id of the person, agent or service, 1 to 256 characters without control characters. */
  readonly subject: string
  /** Whether a person, an agent or a part of the system acts. */
  readonly kind: ActorKind
  /** One of the roles that the verifier knows. */
  readonly role: string
  /** 1 to 128 characters without control characters. */
  readonly tenantId: string
  /** Unique for each token. */
  readonly tokenId: string
  /** Id of the key that signed it. */
  readonly keyId: string
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** Why a payload is none: a claim that is missing or of the wrong kind. */
export interface WrongClaim {
  readonly wrongClaim: string
}

/** What a payload is read by. */
export interface ClaimRules {
  readonly roles: ReadonlySet<string>
  readonly keyId: string
}

/** The longest subject, in characters. */
export const MAX_SUBJECT_LENGTH = 256
/** The longest tenant, in characters. */
export const MAX_TENANT_LENGTH = 128

const KINDS: Readonly<Record<ActorKind, true>> = { human: true, agent: true, service: true }
/** The last second that a Date can hold. */
const MAX_SECONDS = 8_640_000_000_000

/**
 * Reads the claims of a verified token, or names the first that is missing or of the wrong kind; `cnf` where the token is
 * bound to a key of its bearer (RFC 7800): taken without the proof, it would be good in a thief's hands.
 */
export function readClaims(
  payload: Readonly<Record<string, unknown>>,
  { roles, keyId }: ClaimRules,
): TokenClaims | WrongClaim {
  const { iss, sub, kind, role, tenant, jti, iat, exp } = payload
  if (!isId(iss, 256)) return { wrongClaim: 'iss' }
  if (!isId(sub, MAX_SUBJECT_LENGTH)) return { wrongClaim: 'sub' }
  if (!isId(tenant, MAX_TENANT_LENGTH)) return { wrongClaim: 'tenant' }
  if (!isId(jti, 128)) return { wrongClaim: 'jti' }
  if (Object.hasOwn(payload, 'cnf')) return { wrongClaim: 'cnf' }
  if (!isKind(kind)) return { wrongClaim: 'kind' }
  if (typeof role !== 'string' || !roles.has(role)) return { wrongClaim: 'role' }
  if (!isInstant(iat)) return { wrongClaim: 'iat' }
  if (!isInstant(exp) || exp <= iat) return { wrongClaim: 'exp' }
  return {
    issuer: iss,
    subject: sub,
    kind,
    role,
    tenantId: tenant,
    tokenId: jti,
    keyId,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
  }
}

/** Whether `value` is one of the kinds that act. */
export function isKind(value: unknown): value is ActorKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value)
}

/** Whether `value` can name somebody. Half a surrogate pair cannot: written in UTF-8 two different ones would be one. */
export function isId(value: unknown, maxLength: number): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > maxLength) return false
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index)
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return false
  }
  return value.isWellFormed()
}

function isInstant(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_SECONDS
}
