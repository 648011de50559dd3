import { randomBytes, randomUUID } from 'node:crypto'
import { InvalidOptionError, requireText, withDefaults } from '../../errors/index.ts'
import type { SqlExecutor } from '../../storage/index.ts'
import type { AuditEntry, PersonalReference, PersonalValues } from '../audit-entry.ts'
import { AuditError } from '../audit-error.ts'
import { canonicalText } from '../entry-text.ts'
import { derivedKey, keyedDigest, open, seal } from './sealed-bytes.ts'

/** Personal values, or that they were erased. */
export type OpenedPersonal =
  | { readonly state: 'kept'; readonly values: Readonly<Record<string, string>> }
  | { readonly state: 'erased' }

const KEY_BYTES = 32

/**
 * Keeps the personal values of audit entries outside the log, encrypted (AES-256-GCM) with a key for each subject, which
 * the master key encrypts in turn. The log holds a keyed digest of the values: erasing a subject deletes its key, and
 * every chain still verifies. Backups hold what they held: an erasure is complete when they have expired.
 */
export class PersonalVault {
  readonly #wrapKey: Buffer
  readonly #subjectKey: Buffer

  /**
   * @param options.masterKey 32 random bytes, kept outside the database.
   * @throws InvalidOptionError `INVALID_OPTION` on a key of another length.
   */
  constructor(options: { readonly masterKey: Uint8Array }) {
    const { masterKey } = withDefaults<typeof options, { masterKey: undefined }>(options, {
      masterKey: undefined,
    })
    if (!(masterKey instanceof Uint8Array) || masterKey.length !== KEY_BYTES) {
      throw new InvalidOptionError('masterKey', `${KEY_BYTES} bytes`, typeof masterKey)
    }
    this.#wrapKey = derivedKey(masterKey, 'wrap')
    this.#subjectKey = derivedKey(masterKey, 'subject')
  }

  /**
   * Encrypts the values into the transaction or database given, and resolves with what the log may hold of them.
   * @throws StorageError by code; InvalidOptionError `INVALID_OPTION` on a bad subject.
   */
  async seal(executor: SqlExecutor, tenantId: string, personal: PersonalValues): Promise<PersonalReference> {
    const subject = this.#digestOf(tenantId, requireText('personal.subject', personal.subject))
    const fresh = seal(this.#wrapKey, randomBytes(KEY_BYTES), `${tenantId}\n${subject}`)
    await executor.query(
      `INSERT INTO audit_subject_keys (tenant_id, subject, wrapped_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [tenantId, subject, fresh],
    )
    // Read back, as another writer may have been the first; a statement of its own sees what that one committed.
    const key = await this.#keyOf(executor, tenantId, subject)
    if (key === undefined) {
      throw new AuditError({
        code: 'AUDIT_PERSONAL_ALTERED',
        message: 'the subject was erased while its values were written',
        retryable: true,
      })
    }
    const id = randomUUID()
    const text = canonicalText(personal.values)
    await executor.query(
      `INSERT INTO audit_personal (tenant_id, personal_id, subject, sealed) VALUES ($1, $2, $3, $4)`,
      [tenantId, id, subject, seal(derivedKey(key, 'values'), Buffer.from(text), `${tenantId}\n${id}`)],
    )
    return { id, subject, commitment: commitmentOf(key, id, text) }
  }

  /**
   * The values that an entry refers to, checked against the digest that the log holds.
   * @throws AuditError `AUDIT_PERSONAL_ALTERED` where they are not the ones that were written; StorageError by code.
   */
  async open(executor: SqlExecutor, tenantId: string, reference: PersonalReference): Promise<OpenedPersonal> {
    const key = await this.#keyOf(executor, tenantId, reference.subject)
    if (key === undefined) return { state: 'erased' }
    const { rows } = await executor.query<{ sealed: Uint8Array }>(
      'SELECT sealed FROM audit_personal WHERE tenant_id = $1 AND personal_id = $2',
      [tenantId, reference.id],
    )
    const [row] = rows
    if (row === undefined) return { state: 'erased' }
    const text = open(derivedKey(key, 'values'), row.sealed, `${tenantId}\n${reference.id}`)?.toString()
    if (text === undefined || commitmentOf(key, reference.id, text) !== reference.commitment)
      throw altered(reference.id)
    // It was written from these values, as its digest shows.
    return { state: 'kept', values: JSON.parse(text) as Readonly<Record<string, string>> }
  }

  /**
   * Erases a subject: deletes its key and what was encrypted with it. Resolves with whether there was anything.
   * @throws StorageError by code.
   */
  async erase(executor: SqlExecutor, tenantId: string, subject: string): Promise<boolean> {
    const { rows } = await executor.query<{ erased: boolean }>(
      'SELECT audit_erase_subject($1, $2) AS erased',
      [tenantId, this.#digestOf(tenantId, requireText('subject', subject))],
    )
    return rows[0]?.erased === true
  }

  async #keyOf(executor: SqlExecutor, tenantId: string, subject: string): Promise<Buffer | undefined> {
    const { rows } = await executor.query<{ wrapped_key: Uint8Array }>(
      'SELECT wrapped_key FROM audit_subject_keys WHERE tenant_id = $1 AND subject = $2',
      [tenantId, subject],
    )
    const [row] = rows
    if (row === undefined) return undefined
    const key = open(this.#wrapKey, row.wrapped_key, `${tenantId}\n${subject}`)
    if (key === undefined) throw altered(subject)
    return key
  }

  #digestOf(tenantId: string, subject: string): string {
    return keyedDigest(this.#subjectKey, canonicalText({ tenantId, subject }))
  }
}

/**
 * What the log may hold of the personal values of `entry`, once the vault has them.
 * @throws AuditError `AUDIT_VAULT_MISSING` where there are values and no vault.
 */
export async function sealPersonal(
  vault: PersonalVault | undefined,
  executor: SqlExecutor,
  entry: AuditEntry,
): Promise<PersonalReference | undefined> {
  if (entry.personal === undefined) return undefined
  if (vault === undefined) {
    throw new AuditError({
      code: 'AUDIT_VAULT_MISSING',
      message: 'an entry has personal values and the audit log has no vault for them',
      details: { action: entry.action },
    })
  }
  return await vault.seal(executor, entry.tenantId, entry.personal)
}

/** Bound to the row, so that the values of one entry cannot be shown as another's. */
function commitmentOf(key: Uint8Array, id: string, text: string): string {
  return keyedDigest(derivedKey(key, 'commitment'), `${id}\n${text}`)
}

function altered(what: string): AuditError {
  return new AuditError({
    code: 'AUDIT_PERSONAL_ALTERED',
    message: 'personal values are not the ones that were written',
    details: { what },
  })
}
