import type { ActorKind } from '../../../../../audit/index.ts'
import type { User } from '../../user.ts'

/** A row of the table `users`. */
export interface UserRow {
  readonly position: bigint
  readonly tenant_id: string
  readonly user_id: string
  readonly name: string
  readonly role: string
  readonly kind: ActorKind
  readonly password_hash: string | null
  readonly disabled_at: Date | null
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
  readonly last_sign_in_at: Date | null
}

/** The columns that make a {@link UserRow}. */
export const USER_COLUMNS = `position, tenant_id, user_id, name, role, kind, password_hash, disabled_at, version,
  created_at, updated_at, last_sign_in_at`

/** The user that a row holds, without the hash. */
export function userOf(row: UserRow): User {
  return {
    tenantId: row.tenant_id,
    userId: row.user_id,
    name: row.name,
    role: row.role,
    kind: row.kind,
    disabledAt: row.disabled_at,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSignInAt: row.last_sign_in_at,
  }
}
