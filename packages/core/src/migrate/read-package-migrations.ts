import type { Migration } from './migration.ts'
import { packageMigrationFolder } from './package-migration-folder.ts'
import { readMigrationFolder } from './read-migration-folder.ts'

/**
 * Reads the migrations that installed packages carry, each package told by the URL of any file in it, such as
 * `import.meta.resolve('@golden-arch/budget/package.json')`. Name every package whose modules you apply: a package carries
 * its own modules only. Within this project's own repository one folder holds the modules of all packages, so name the
 * modules that you want to `up`.
 * @throws InvalidOptionError `INVALID_OPTION` on what is no URL of a file; MigrationError `MIGRATION_FOLDER_UNREADABLE`
 * when a package carries none; whatever `parseMigration` throws for a file.
 */
export async function readPackageMigrations(
  ...fileUrls: readonly (string | URL)[]
): Promise<readonly Migration[]> {
  const folders = new Set(await Promise.all(fileUrls.map(packageMigrationFolder)))
  return (await Promise.all([...folders].map(readMigrationFolder))).flat()
}
