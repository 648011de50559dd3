import type { RefreshTokenState, SpentToken } from '../../refresh/refresh-token-store.ts'

/** A row of `refresh_tokens` with its session. */
export interface RefreshTokenRow {
  readonly now: Date
  readonly tenant_id: string
  readonly family_id: string
  readonly subject: string
  readonly created_at: Date
  readonly family_expires_at: Date
  readonly revoked_at: Date | null
  readonly token_hash: string
  readonly issued_at: Date
  readonly expires_at: Date
  readonly spent_at: Date | null
  readonly salt: string | null
  readonly successor_hash: string | null
  readonly retry_key_hash: string | null
  readonly is_successor_spent: boolean
}

/** The token and its session as the row tells of them. */
export function stateOfRow(row: RefreshTokenRow): RefreshTokenState {
  const spent = spentOf(row)
  return {
    family: {
      tenantId: row.tenant_id,
      familyId: row.family_id,
      subject: row.subject,
      createdAt: row.created_at,
      expiresAt: row.family_expires_at,
      ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
    },
    token: {
      tokenHash: row.token_hash,
      issuedAt: row.issued_at,
      expiresAt: row.expires_at,
      ...(spent === undefined ? {} : { spent }),
    },
    isSuccessorSpent: row.is_successor_spent,
    now: row.now,
  }
}

function spentOf({
  spent_at: at,
  salt,
  successor_hash: successorHash,
  retry_key_hash,
}: RefreshTokenRow): SpentToken | undefined {
  if (at === null || salt === null || successorHash === null) return undefined
  return { at, salt, successorHash, ...(retry_key_hash === null ? {} : { retryKeyHash: retry_key_hash }) }
}
