import { requireMethods, withDefaults } from '../../../errors/index.ts'
import type { SqlDatabase, SqlExecutor, SqlTransaction } from '../../../storage/index.ts'
import type {
  NewRefreshFamily,
  RefreshDecision,
  RefreshSubject,
  RefreshTokenDecided,
  RefreshTokenState,
  RefreshTokenStore,
} from '../../refresh/refresh-token-store.ts'
import { type RefreshTokenRow, stateOfRow } from './refresh-token-row.ts'

/** Refresh tokens in the tables of the migration module `security`, on PostgreSQL or PGlite. */
export class SqlRefreshTokenStore implements RefreshTokenStore {
  readonly #database: SqlDatabase

  /** @throws InvalidOptionError `INVALID_OPTION` on what is no database. */
  constructor(options: { readonly database: SqlDatabase }) {
    const { database } = withDefaults<typeof options, { database: undefined }>(options, {
      database: undefined,
    })
    this.#database = requireMethods('database', database, ['query', 'transaction'])
  }

  /** @throws StorageError by code. */
  async create(make: (now: Date) => NewRefreshFamily, maxFamilies: number): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const { rows } = await tx.query<{ now: Date }>('SELECT clock_timestamp() AS now')
      const { family, token } = make(rows[0]?.now as Date)
      const { tenantId, familyId, subject } = family
      await tx.query(
        `INSERT INTO refresh_token_families (tenant_id, family_id, subject, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)`,
        [tenantId, familyId, subject, family.createdAt, family.expiresAt],
      )
      await insertToken(tx, family, token)
      await tx.query(
        `UPDATE refresh_token_families SET revoked_at = clock_timestamp()
          WHERE tenant_id = $1 AND family_id IN
                (SELECT family_id FROM refresh_token_families
                  WHERE tenant_id = $1 AND subject = $2 AND family_id <> $3
                    AND revoked_at IS NULL AND expires_at > clock_timestamp()
                  ORDER BY created_at DESC, family_id
                 OFFSET $4
                    FOR UPDATE SKIP LOCKED)`,
        [tenantId, subject, familyId, maxFamilies - 1],
      )
    })
  }

  /** @throws StorageError by code. */
  find(tokenHash: string): Promise<RefreshTokenState | undefined> {
    return read(this.#database, tokenHash)
  }

  /** @throws StorageError by code. */
  decide(
    tokenHash: string,
    decide: (state: RefreshTokenState) => RefreshDecision,
  ): Promise<RefreshTokenDecided | undefined> {
    return this.#database.transaction(async (tx) => {
      await tx.query(
        `SELECT 1 FROM refresh_token_families
          WHERE (tenant_id, family_id) = (SELECT tenant_id, family_id FROM refresh_tokens WHERE token_hash = $1)
            FOR UPDATE`,
        [tokenHash],
      )
      // Read once the session is held: who held it before may have changed all of it.
      const state = await read(tx, tokenHash)
      if (state === undefined) return undefined
      const decision = decide(state)
      await apply(tx, state, decision)
      return { state, decision }
    })
  }

  /** @throws StorageError by code. */
  async revokeSubject({ tenantId, subject }: RefreshSubject): Promise<number> {
    const { rowCount } = await this.#database.query(
      // Held in one order, so that two of these do not wait for one another.
      `UPDATE refresh_token_families SET revoked_at = clock_timestamp()
        WHERE tenant_id = $1 AND family_id IN
              (SELECT family_id FROM refresh_token_families
                WHERE tenant_id = $1 AND subject = $2 AND revoked_at IS NULL AND expires_at > clock_timestamp()
                ORDER BY family_id
                  FOR UPDATE)`,
      [tenantId, subject],
    )
    return rowCount
  }

  /** Rows that another process holds are left to it. @throws StorageError by code. */
  async forgetEnded(limit: number): Promise<number> {
    const families = await this.#database.query(
      `DELETE FROM refresh_token_families
        WHERE (tenant_id, family_id) IN
              (SELECT tenant_id, family_id FROM refresh_token_families
                WHERE least(expires_at, revoked_at) <= clock_timestamp()
                LIMIT $1
                  FOR UPDATE SKIP LOCKED)`,
      [limit],
    )
    const tokens = await this.#database.query(
      `DELETE FROM refresh_tokens
        WHERE token_hash IN (SELECT token_hash FROM refresh_tokens
                              WHERE expires_at <= clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED)`,
      [limit],
    )
    return families.rowCount + tokens.rowCount
  }
}

async function read(executor: SqlExecutor, tokenHash: string): Promise<RefreshTokenState | undefined> {
  const { rows } = await executor.query<RefreshTokenRow>(
    `SELECT clock_timestamp() AS now, f.tenant_id, f.family_id, f.subject, f.created_at, f.expires_at AS family_expires_at,
            f.revoked_at, t.token_hash, t.issued_at, t.expires_at, t.spent_at, t.salt, t.successor_hash,
            t.retry_key_hash, s.spent_at IS NOT NULL AS is_successor_spent
       FROM refresh_tokens AS t
       JOIN refresh_token_families AS f ON (f.tenant_id, f.family_id) = (t.tenant_id, t.family_id)
       LEFT JOIN refresh_tokens AS s ON s.tenant_id = t.tenant_id AND s.token_hash = t.successor_hash
      WHERE t.token_hash = $1`,
    [tokenHash],
  )
  return rows[0] && stateOfRow(rows[0])
}

async function apply(
  tx: SqlTransaction,
  { family, token, now }: RefreshTokenState,
  decision: RefreshDecision,
): Promise<void> {
  const { tenantId, familyId } = family
  if (decision.kind === 'refuse' && decision.revokesFamily) {
    await tx.query(
      `UPDATE refresh_token_families SET revoked_at = $3
        WHERE tenant_id = $1 AND family_id = $2 AND revoked_at IS NULL`,
      [tenantId, familyId, now],
    )
  }
  if (decision.kind !== 'rotate') return
  const { spent, expiresAt } = decision
  await insertToken(tx, family, { tokenHash: spent.successorHash, issuedAt: now, expiresAt })
  await tx.query(
    `UPDATE refresh_tokens SET spent_at = $3, salt = $4, successor_hash = $5, retry_key_hash = $6
      WHERE tenant_id = $1 AND token_hash = $2`,
    [tenantId, token.tokenHash, spent.at, spent.salt, spent.successorHash, spent.retryKeyHash ?? null],
  )
}

async function insertToken(
  tx: SqlTransaction,
  { tenantId, familyId }: { readonly tenantId: string; readonly familyId: string },
  token: { readonly tokenHash: string; readonly issuedAt: Date; readonly expiresAt: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO refresh_tokens (token_hash, tenant_id, family_id, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
    [token.tokenHash, tenantId, familyId, token.issuedAt, token.expiresAt],
  )
}
