import { type Actor, type AuditLog, requireActor } from '../../../../../audit/index.ts'
import { isGoldenError, requireMethods, withDefaults } from '../../../../../errors/index.ts'
import { type Page, pageBounds, pageOf, type SqlDatabase } from '../../../../../storage/index.ts'
import { userNameKey } from '../../../user-name-key.ts'
import type { SignInRecord, UserCredentials, UserListOptions, UserStore } from '../../ports/user-store.ts'
import {
  type NewUser,
  requireNewUser,
  requireUserChange,
  requireUserKey,
  type User,
  type UserChange,
  type UserKey,
} from '../../user.ts'
import { changeEntry, creationEntry, signInEntry } from '../../user-audit-entry.ts'
import { UserError } from '../../user-error.ts'
import { USER_COLUMNS, type UserRow, userOf } from './user-row.ts'

/** What a {@link SqlUserStore} is made of. */
export interface SqlUserStoreOptions {
  /** Where the table is. */
  readonly database: SqlDatabase
  /** Each change and each sign-in is written to it in the transaction of the change. */
  readonly audit: AuditLog
}

const DEFAULTS = Object.freeze({ database: undefined, audit: undefined })

/** Users in the table `users` of the migration module `security`. */
export class SqlUserStore implements UserStore {
  readonly #database: SqlDatabase
  readonly #audit: AuditLog

  /** @throws InvalidOptionError `INVALID_OPTION` on what is no database or no audit log. */
  constructor(options: SqlUserStoreOptions) {
    const { database, audit } = withDefaults(options, DEFAULTS)
    this.#database = requireMethods('database', database, ['query', 'transaction'])
    this.#audit = requireMethods('audit', audit, ['append'])
  }

  async credentialsOf(name: string): Promise<UserCredentials | undefined> {
    const nameKey = userNameKey(name)
    // PostgreSQL takes no NUL in a text, and no stored name has one.
    if (nameKey.includes('\0') || !nameKey.isWellFormed()) return undefined
    const { rows } = await this.#database.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users WHERE name_key = $1`,
      [nameKey],
    )
    const [row] = rows
    return row && { user: userOf(row), passwordHash: row.password_hash }
  }

  async get(key: UserKey): Promise<User> {
    const { tenantId, userId } = requireUserKey(key)
    const { rows } = await this.#database.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users WHERE tenant_id = $1 AND user_id = $2`,
      [tenantId, userId],
    )
    const [row] = rows
    if (row === undefined) throw UserError.notFound(userId)
    return userOf(row)
  }

  async list(options: UserListOptions): Promise<Page<User>> {
    const { tenantId } = requireUserKey({ tenantId: options.tenantId, userId: 'any' })
    const { limit, position } = pageBounds(options)
    const { rows } = await this.#database.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users WHERE tenant_id = $1 AND position > $2 ORDER BY position LIMIT $3`,
      [tenantId, position ?? 0n, limit + 1],
    )
    return pageOf(rows, limit, userOf, (row) => row.position)
  }

  async create(user: NewUser, actor: Actor): Promise<User> {
    const resolved = requireNewUser(user)
    requireActor(actor)
    const { tenantId, userId, name, nameKey, role, kind, passwordHash } = resolved
    try {
      return await this.#database.transaction(async (tx) => {
        const { rows } = await tx.query<UserRow>(
          `INSERT INTO users (tenant_id, user_id, name, name_key, role, kind, password_hash)
           VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${USER_COLUMNS}`,
          [tenantId, userId, name, nameKey, role, kind, passwordHash],
        )
        await this.#audit.append(tx, creationEntry(resolved, actor))
        return userOf(oneOf(rows, userId))
      })
    } catch (error) {
      throw isGoldenError(error, 'UNIQUE_VIOLATION') ? UserError.exists() : error
    }
  }

  async change(key: UserKey, change: UserChange, actor: Actor): Promise<User> {
    const { tenantId, userId } = requireUserKey(key)
    const { expectedVersion, role, passwordHash, disabled } = requireUserChange(change)
    requireActor(actor)
    return this.#database.transaction(async (tx) => {
      const found = await tx.query<UserRow>(
        `SELECT ${USER_COLUMNS} FROM users WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE`,
        [tenantId, userId],
      )
      const before = userOf(oneOf(found.rows, userId))
      if (expectedVersion !== undefined && expectedVersion !== before.version)
        throw UserError.versionConflict(userId, before.version)
      const { rows } = await tx.query<UserRow>(
        `UPDATE users SET
           role = coalesce($3, role),
           password_hash = CASE WHEN $4::boolean THEN $5 ELSE password_hash END,
           disabled_at = CASE $6::boolean WHEN true THEN coalesce(disabled_at, clock_timestamp())
             WHEN false THEN NULL ELSE disabled_at END,
           version = version + 1,
           updated_at = clock_timestamp()
         WHERE tenant_id = $1 AND user_id = $2 RETURNING ${USER_COLUMNS}`,
        [tenantId, userId, role ?? null, passwordHash !== undefined, passwordHash ?? null, disabled ?? null],
      )
      await this.#audit.append(tx, changeEntry(before, change, actor))
      return userOf(oneOf(rows, userId))
    })
  }

  async recordSignIn(record: SignInRecord): Promise<User | undefined> {
    const { credentials, rehashed } = record
    const { tenantId, userId, version } = credentials.user
    return this.#database.transaction(async (tx) => {
      // The version stays: a new hash of the same password changes nothing that others could have read.
      const { rows } = await tx.query<UserRow>(
        `UPDATE users SET
           last_sign_in_at = clock_timestamp(),
           password_hash = CASE WHEN $4::text IS NOT NULL AND password_hash = $5 THEN $4 ELSE password_hash END
         WHERE tenant_id = $1 AND user_id = $2 AND version = $3 AND disabled_at IS NULL
         RETURNING ${USER_COLUMNS}`,
        [tenantId, userId, version, rehashed ?? null, credentials.passwordHash],
      )
      const [row] = rows
      if (row === undefined) return undefined
      await this.#audit.append(tx, signInEntry(record))
      return userOf(row)
    })
  }
}

function oneOf(rows: readonly UserRow[], userId: string): UserRow {
  const [row] = rows
  if (row === undefined) throw UserError.notFound(userId)
  return row
}
