import { requireMethods, withDefaults } from '../../../errors/index.ts'
import type { SqlDatabase, SqlTransaction } from '../../../storage/index.ts'
import type { Revocation, RevocationPage, RevocationStore } from '../../revocation/revocation-store.ts'

interface RevocationRow {
  readonly now: Date
  readonly last_sequence: bigint
  /** Null in the one row of a page without revocations. */
  readonly sequence: bigint | null
  readonly kind: Revocation['kind']
  readonly tenant_id: string
  readonly token_id: string
  readonly subject: string
  readonly key_id: string
  readonly issued_before: Date
  readonly expires_at: Date
}

const MAX_FORGOTTEN = 1000

/** Revocations in the table `token_revocations` of the migration module `security`, on PostgreSQL or PGlite. */
export class SqlRevocationStore implements RevocationStore {
  readonly #database: SqlDatabase

  /** @throws InvalidOptionError `INVALID_OPTION` on what is no database. */
  constructor(options: { readonly database: SqlDatabase }) {
    const { database } = withDefaults<typeof options, { database: undefined }>(options, {
      database: undefined,
    })
    this.#database = requireMethods('database', database, ['query', 'transaction'])
  }

  /** Adds one while the head of the list is held, which gives the list its order. @throws StorageError by code. */
  async add(make: (now: Date) => Revocation): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const { rows } = await tx.query<{ sequence: bigint; now: Date }>(
        `UPDATE token_revocation_head SET last_sequence = last_sequence + 1
         RETURNING last_sequence AS sequence, clock_timestamp() AS now`,
      )
      const head = rows[0]
      if (head === undefined) throw new Error('token_revocation_head has lost its row')
      await insert(tx, head.sequence, make(head.now))
      await tx.query(
        `DELETE FROM token_revocations
          WHERE sequence IN (SELECT sequence FROM token_revocations
                              WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1)`,
        [MAX_FORGOTTEN],
      )
    })
  }

  /** @throws StorageError by code. */
  async readAfter(sequence: bigint, limit: number): Promise<RevocationPage> {
    const { rows } = await this.#database.query<RevocationRow>(
      `SELECT clock_timestamp() AS now, head.last_sequence, page.*
         FROM token_revocation_head AS head
         LEFT JOIN LATERAL
              (SELECT sequence, kind, tenant_id, token_id, subject, key_id, issued_before, expires_at
                 FROM token_revocations
                WHERE sequence > CASE WHEN $1::bigint > head.last_sequence THEN 0 ELSE $1::bigint END
                  AND (expires_at IS NULL OR expires_at > clock_timestamp())
                ORDER BY sequence
                LIMIT $2) AS page ON true
        ORDER BY page.sequence`,
      [sequence, limit + 1],
    )
    const head = rows[0]
    if (head === undefined) throw new Error('token_revocation_head has lost its row')
    const found = rows.filter((row) => row.sequence !== null)
    const page = found.slice(0, limit)
    const hasMore = found.length > limit
    return {
      revocations: page.map(revocationOf),
      sequence: hasMore ? (page.at(-1)?.sequence ?? sequence) : head.last_sequence,
      hasMore,
      now: head.now,
    }
  }
}

/** What is revoked twice stands once; the later instant of a subject counts, and is read again. */
async function insert(tx: SqlTransaction, sequence: bigint, revocation: Revocation): Promise<void> {
  if (revocation.kind === 'token') {
    const { tenantId, tokenId, expiresAt } = revocation
    await tx.query(
      `INSERT INTO token_revocations (sequence, kind, tenant_id, token_id, expires_at) VALUES ($1, 'token', $2, $3, $4)
       ON CONFLICT (tenant_id, token_id) WHERE kind = 'token' DO NOTHING`,
      [sequence, tenantId, tokenId, expiresAt],
    )
  } else if (revocation.kind === 'subject') {
    const { tenantId, subject, issuedBefore, expiresAt } = revocation
    await tx.query(
      `INSERT INTO token_revocations AS stored (sequence, kind, tenant_id, subject, issued_before, expires_at)
       VALUES ($1, 'subject', $2, $3, $4, $5)
       ON CONFLICT (tenant_id, subject) WHERE kind = 'subject' DO UPDATE
          SET sequence = excluded.sequence,
              issued_before = greatest(stored.issued_before, excluded.issued_before),
              expires_at = greatest(stored.expires_at, excluded.expires_at)`,
      [sequence, tenantId, subject, issuedBefore, expiresAt],
    )
  } else {
    await tx.query(
      `INSERT INTO token_revocations (sequence, kind, key_id) VALUES ($1, 'key', $2)
       ON CONFLICT (key_id) WHERE kind = 'key' DO NOTHING`,
      [sequence, revocation.keyId],
    )
  }
}

function revocationOf(row: RevocationRow): Revocation {
  if (row.kind === 'key') return { kind: 'key', keyId: row.key_id }
  const { tenant_id: tenantId, expires_at: expiresAt } = row
  return row.kind === 'token'
    ? { kind: 'token', tenantId, tokenId: row.token_id, expiresAt }
    : { kind: 'subject', tenantId, subject: row.subject, issuedBefore: row.issued_before, expiresAt }
}
