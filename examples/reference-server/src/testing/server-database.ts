import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgliteDatabase } from '@golden-arch/core/storage'

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', '..', 'migrations')

/** A database in memory with the whole schema, for tests. */
export async function openServerDatabase(): Promise<PgliteDatabase> {
  const database = await PgliteDatabase.open({ create: () => PGlite.create() })
  await new Migrator({ database, migrations: await readMigrationFolder(MIGRATIONS) }).up()
  return database
}
