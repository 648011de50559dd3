import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Migration, readMigrationFolder, readPackageMigrations } from '@golden-arch/core/migrate'
import { CliError } from '../cli-error.ts'
import { resolveFrom } from '../clients/load-client.ts'

/** The packages that carry migrations. */
const CARRIERS = ['core', 'budget', 'governance', 'messaging'].map((name) => `@golden-arch/${name}`)

/**
 * The migrations of `folders`, or without any those of the packages that are installed for code in `appFolder`.
 * @throws CliError `MIGRATIONS_NOT_FOUND`; MigrationError by code.
 */
export async function readInstalledMigrations(
  appFolder: string,
  folders: readonly string[],
): Promise<readonly Migration[]> {
  if (folders.length > 0) return (await Promise.all(folders.map(readMigrationFolder))).flat()
  const manifests = installedCarriers(appFolder)
  if (manifests.length === 0) {
    throw new CliError({
      code: 'MIGRATIONS_NOT_FOUND',
      message: `no package of ${CARRIERS.join(', ')} is installed here; install one, or give --folder`,
      details: { packages: CARRIERS },
    })
  }
  return readPackageMigrations(...manifests.map((path) => pathToFileURL(path)))
}

/** The package.json of each package that is installed: for the application, or for one that it has installed. */
function installedCarriers(appFolder: string): readonly string[] {
  const manifestFrom = (folder: string, name: string): string | undefined =>
    resolveFrom(folder, `${name}/package.json`)
  const own = CARRIERS.flatMap((name) => manifestFrom(appFolder, name) ?? [])
  // A package manager that keeps packages apart shows the application only what it asked for by name.
  const core = own.flatMap((path) => manifestFrom(join(path, '..'), '@golden-arch/core') ?? [])
  return [...new Set([...own, ...core])]
}
