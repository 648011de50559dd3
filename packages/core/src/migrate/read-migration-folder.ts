import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_FILE_BYTES, type Migration, parseMigration } from './migration.ts'
import { MigrationError } from './migration-error.ts'

/**
 * Reads every file of `folder` whose name ends in `.sql`, in whatever case; other files and folders inside are left out.
 * @throws MigrationError `MIGRATION_FOLDER_UNREADABLE`; `MIGRATION_FILE_INVALID` on a name that leads to no file, or to one
 * of more than 8 MiB; whatever `parseMigration` throws for a file.
 */
export async function readMigrationFolder(folder: string): Promise<readonly Migration[]> {
  const migrations: Migration[] = []
  for (const fileName of await listSqlFiles(folder)) {
    const path = join(folder, fileName)
    // Looked at before it is opened: a pipe would never answer, and a device or a huge file would fill the memory.
    const facts = await stat(path).catch(unreadable(folder))
    if (!facts.isFile()) throw notReadable(fileName, 'not a file')
    if (facts.size > MAX_FILE_BYTES) {
      throw notReadable(fileName, `${facts.size} bytes, at most ${MAX_FILE_BYTES} are allowed`)
    }
    migrations.push(parseMigration(fileName, await readFile(path).catch(unreadable(folder))))
  }
  return migrations
}

function notReadable(fileName: string, reason: string): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_FILE_INVALID',
    message: `migration ${fileName}: ${reason}`,
    details: { fileName, reason },
  })
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
