import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import type { SqlDatabase } from '@golden-arch/core/storage'

/** Creates the tables of this package. */
export async function createGoldenTables(database: SqlDatabase): Promise<void> {
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['events', 'messaging'] })
}
