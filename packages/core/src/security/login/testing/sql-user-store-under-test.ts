import type { AuditEntry, AuditLog } from '../../../audit/index.ts'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import type { SqlDatabase } from '../../../storage/index.ts'
import { SqlUserStore } from '../users/adapters/sql/sql-user-store.ts'
import type { UserStoreUnderTest } from './user-store.contract.ts'

/** A {@link SqlUserStore} in an empty database, with an audit log that keeps what was committed and fails on demand. */
export async function sqlUserStoreUnderTest(
  database: SqlDatabase,
  close: () => Promise<void>,
): Promise<UserStoreUnderTest> {
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['security'] })
  await database.script(
    'CREATE TABLE audited (position bigint GENERATED ALWAYS AS IDENTITY, tenant_id text NOT NULL, entry jsonb NOT NULL)',
  )
  let fails = false
  const audit: AuditLog = {
    append: async (tx, entry) => {
      await tx.query('INSERT INTO audited (tenant_id, entry) VALUES ($1, $2::jsonb)', [
        entry.tenantId,
        JSON.stringify(entry),
      ])
      if (fails) throw new Error('no audit')
    },
  }
  return {
    store: new SqlUserStore({ database, audit }),
    entriesOf: async (tenantId) => {
      const { rows } = await database.query<{ entry: AuditEntry }>(
        'SELECT entry FROM audited WHERE tenant_id = $1 ORDER BY position',
        [tenantId],
      )
      return rows.map(({ entry }) => entry)
    },
    failAudit: (now) => {
      fails = now
    },
    close,
  }
}
