import type { JWK } from 'jose'
import { requireMethods, requireText, withDefaults } from '../../../errors/index.ts'
import type { SqlDatabase, SqlExecutor, SqlTransaction } from '../../../storage/index.ts'
import type {
  KeyRecord,
  KeyRingChange,
  KeyRingContents,
  KeyRingStore,
} from '../../key-ring/key-ring-store.ts'
import type { KeyPairAlgorithm } from '../../token/signing-algorithm.ts'

/** What a {@link SqlKeyRingStore} is made of. */
export interface SqlKeyRingStoreOptions {
  /** Where the table is. */
  readonly database: SqlDatabase
  /** Names the ring, 1 to 128 characters: issuers that share a database have one each. Default `'access'`. */
  readonly ringName?: string | undefined
}

const DEFAULTS = Object.freeze({ database: undefined, ringName: 'access' })

interface KeyRow {
  readonly now: Date
  /** Null in the one row of a ring without keys. */
  readonly key_id: string | null
  readonly algorithm: KeyPairAlgorithm
  readonly public_jwk: JWK
  readonly proof: string
  readonly sealed_private_key: string | null
  readonly activate_at: Date
  readonly revoked_at: Date | null
}

const MAX_KEYS = 100

/** A key ring in the table `token_signing_keys` of the migration module `security`, on PostgreSQL or PGlite. */
export class SqlKeyRingStore implements KeyRingStore {
  readonly #database: SqlDatabase
  readonly #ringName: string

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad name. */
  constructor(options: SqlKeyRingStoreOptions) {
    const { database, ringName } = withDefaults(options, DEFAULTS)
    this.#database = requireMethods('database', database, ['query', 'transaction'])
    this.#ringName = requireText('ringName', ringName, 128)
  }

  /** The keys that sign last, at most 100. @throws StorageError by code. */
  load(): Promise<KeyRingContents> {
    return this.#read(this.#database)
  }

  /** Changes the ring while its row is held. @throws StorageError by code. */
  change(decide: (contents: KeyRingContents) => readonly KeyRingChange[]): Promise<KeyRingContents> {
    return this.#database.transaction(async (tx) => {
      await tx.query('INSERT INTO token_key_rings (ring_name) VALUES ($1) ON CONFLICT DO NOTHING', [
        this.#ringName,
      ])
      await tx.query('SELECT 1 FROM token_key_rings WHERE ring_name = $1 FOR UPDATE', [this.#ringName])
      for (const change of decide(await this.#read(tx))) await this.#apply(tx, change)
      return this.#read(tx)
    })
  }

  async #read(executor: SqlExecutor): Promise<KeyRingContents> {
    const { rows } = await executor.query<KeyRow>(
      `SELECT clock.now, key_id, algorithm, public_jwk, proof, sealed_private_key, activate_at, revoked_at
         FROM (SELECT clock_timestamp() AS now) AS clock
         LEFT JOIN token_signing_keys ON ring_name = $1
        ORDER BY activate_at DESC, key_id DESC
        LIMIT $2`,
      [this.#ringName, MAX_KEYS],
    )
    // The clock's row is always there.
    const { now } = rows[0] as KeyRow
    return { keys: rows.flatMap((row) => (row.key_id === null ? [] : [recordOf(row, row.key_id)])), now }
  }

  async #apply(tx: SqlTransaction, change: KeyRingChange): Promise<void> {
    if (change.kind === 'add') {
      const { keyId, algorithm, publicJwk, proof, sealedPrivateKey, activateAt } = change.key
      await tx.query(
        `INSERT INTO token_signing_keys
                (ring_name, key_id, algorithm, public_jwk, proof, sealed_private_key, activate_at)
         VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7)`,
        [
          this.#ringName,
          keyId,
          algorithm,
          JSON.stringify(publicJwk),
          proof,
          sealedPrivateKey ?? null,
          activateAt,
        ],
      )
      return
    }
    const values = [this.#ringName, change.keyId]
    const where = 'WHERE ring_name = $1 AND key_id = $2'
    if (change.kind === 'forget') await tx.query(`DELETE FROM token_signing_keys ${where}`, values)
    if (change.kind === 'wipe')
      await tx.query(`UPDATE token_signing_keys SET sealed_private_key = NULL ${where}`, values)
    if (change.kind === 'activate') {
      await tx.query(`UPDATE token_signing_keys SET activate_at = $3 ${where}`, [
        ...values,
        change.activateAt,
      ])
    }
    if (change.kind === 'revoke') {
      await tx.query(`UPDATE token_signing_keys SET revoked_at = $3, sealed_private_key = NULL ${where}`, [
        ...values,
        change.revokedAt,
      ])
    }
  }
}

function recordOf(row: KeyRow, keyId: string): KeyRecord {
  return {
    keyId,
    algorithm: row.algorithm,
    publicJwk: row.public_jwk,
    proof: row.proof,
    activateAt: row.activate_at,
    ...(row.sealed_private_key === null ? {} : { sealedPrivateKey: row.sealed_private_key }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  }
}
