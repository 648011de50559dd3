import { requireMethods, withDefaults } from '../../../errors/index.ts'
import type { SqlTransaction } from '../../../storage/index.ts'
import type { AuditEntry } from '../../audit-entry.ts'
import type { AuditLog } from '../../audit-log.ts'
import { type PersonalVault, sealPersonal } from '../../personal/personal-vault.ts'
import type { AuditRedaction } from '../../redaction.ts'
import { storedEntry } from '../../stored-entry.ts'
import { insertEntries } from './insert-entries.ts'

/** How a {@link SqlAuditLog} writes. */
export interface SqlAuditLogOptions {
  /** What is taken out of details. Default: what is known as a secret by its name or shape. */
  readonly redaction?: AuditRedaction | undefined
  /** Where personal values are kept. Default: none, an entry with such values is then refused. */
  readonly vault?: PersonalVault | undefined
}

const DEFAULTS = Object.freeze({ redaction: {}, vault: undefined })

/**
 * The audit log in the table `audit_log` of the migration module `audit`. The database refuses to change its rows; an
 * `AuditLinker` gives each its place in the chain of its tenant. Adding takes no lock that other acts wait for.
 */
export class SqlAuditLog implements AuditLog {
  readonly #redaction: AuditRedaction
  readonly #vault: PersonalVault | undefined

  /** @throws InvalidOptionError `INVALID_OPTION` on an unknown option, or what is no vault. */
  constructor(options: SqlAuditLogOptions = {}) {
    const { redaction, vault } = withDefaults(options, DEFAULTS)
    this.#redaction = redaction
    this.#vault = vault && requireMethods('vault', vault, ['seal'])
  }

  /**
   * Adds `entry` with `tx`; its personal values go, encrypted, into the same transaction.
   * @throws StorageError by code; AuditError `AUDIT_ENTRY_TOO_LARGE`, `AUDIT_VAULT_MISSING`. Then the transaction must
   * roll back.
   */
  async append(tx: SqlTransaction, entry: AuditEntry): Promise<void> {
    const personal = await sealPersonal(this.#vault, tx, entry)
    await insertEntries(tx, [storedEntry(entry, this.#redaction, personal)])
  }
}
