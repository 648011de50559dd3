import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidOptionError } from '../errors/index.ts'
import { MigrationError } from './migration-error.ts'

/** The name in the manifest of this project's repository, where one folder holds the migrations of all packages. */
const REPOSITORY = 'golden-architecture'

/**
 * Finds the folder with the migrations that a package carries, from the URL of any file in it: `import.meta.url` of one
 * of its modules, or `import.meta.resolve('@golden-arch/budget/package.json')`. Within this project's own repository it
 * is the folder of all modules.
 * @throws InvalidOptionError `INVALID_OPTION` on what is no URL of a file; MigrationError `MIGRATION_FOLDER_UNREADABLE`
 * when the package carries none.
 */
export async function packageMigrationFolder(fileUrl: string | URL): Promise<string> {
  const start = dirname(pathOf(fileUrl))
  const root = await nearestPackage(start)
  if (root !== undefined) {
    const repository = dirname(dirname(root))
    if ((await packageName(repository)) === REPOSITORY) return join(repository, 'migrations')
    const folder = join(root, 'migrations')
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory()) return folder
  }
  throw new MigrationError({
    code: 'MIGRATION_FOLDER_UNREADABLE',
    message: `the package of ${start} carries no migrations`,
    details: { folder: root ?? start },
  })
}

function pathOf(fileUrl: string | URL): string {
  try {
    return fileURLToPath(fileUrl)
  } catch {
    throw new InvalidOptionError(
      'fileUrl',
      "the URL of a file in the package, such as import.meta.resolve('@golden-arch/budget/package.json')",
      fileUrl instanceof URL ? fileUrl.href : fileUrl,
    )
  }
}

async function nearestPackage(start: string): Promise<string | undefined> {
  for (let folder = start; ; folder = dirname(folder)) {
    if ((await packageName(folder)) !== undefined) return folder
    if (folder === dirname(folder)) return undefined
  }
}

/** The name in the folder's manifest; undefined where there is no manifest with a name. */
async function packageName(folder: string): Promise<string | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) return undefined
    return typeof manifest.name === 'string' ? manifest.name : undefined
  } catch {
    return undefined
  }
}
