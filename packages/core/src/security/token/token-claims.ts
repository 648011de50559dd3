import { HUMAN_ROLES, type HumanRole } from '../rbac/role.ts'

/** Who a token speaks for, and until when. */
export interface TokenClaims {
  /** Id of the person, 1 to 256 characters without control characters. */
  readonly subject: string
  readonly role: HumanRole
  /** 1 to 128 characters without control characters. */
  readonly tenantId: string
  /** Unique for each token. */
  readonly tokenId: string
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** Reads the claims of a verified token; undefined where one is missing or of the wrong kind. */
export function readClaims(payload: Readonly<Record<string, unknown>>): TokenClaims | undefined {
  const { sub, role, tenant, jti, iat, exp } = payload
  const known = HUMAN_ROLES.find((one) => one === role)
  if (!isId(sub, 256) || !isId(tenant, 128) || !isId(jti, 128) || known === undefined) return undefined
  if (!isInstant(iat) || !isInstant(exp) || exp <= iat) return undefined
  return {
    subject: sub,
    role: known,
    tenantId: tenant,
    tokenId: jti,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
  }
}

function isId(value: unknown, maxLength: number): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > maxLength) return false
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index)
    if (unit < 0x20 || unit === 0x7f) return false
  }
  return true
}

/** Whole seconds up to the last instant that a Date can hold. */
function isInstant(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 8_640_000_000_000
}
