import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Migration, parseMigration } from './migration.ts'
import { MigrationError } from './migration-error.ts'

/**
 * Reads every file of `folder` whose name ends in `.sql`, in whatever case; other files and folders inside are left out.
 * @throws MigrationError `MIGRATION_FOLDER_UNREADABLE`; whatever `parseMigration` throws for a file.
 */
export async function readMigrationFolder(folder: string): Promise<readonly Migration[]> {
  const migrations: Migration[] = []
  for (const fileName of await listSqlFiles(folder)) {
    migrations.push(
      parseMigration(fileName, await readFile(join(folder, fileName)).catch(unreadable(folder))),
    )
  }
  return migrations
}

async function listSqlFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(unreadable(folder))
  return entries
    .filter((entry) => !entry.isDirectory() && /\.sql$/i.test(entry.name))
    .map((entry) => entry.name)
    .sort()
}

function unreadable(folder: string): (cause: unknown) => never {
  return (cause) => {
    throw new MigrationError({
      code: 'MIGRATION_FOLDER_UNREADABLE',
      message: `the migrations in ${folder} cannot be read`,
      details: { folder },
      cause,
    })
  }
}
