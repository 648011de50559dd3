import { rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InvalidOptionError } from '../../../errors/index.ts'
import { fsyncPath } from './fsync-files.ts'

/**
 * Inside the folder that the application names: `data`, PGlite's own, and `data.complete`, written once the first
 * start has ended. Without it `data` is what a killed first start left, in which nobody was ever told of a commit.
 */
export async function prepareDataFolder(folder: string): Promise<string> {
  if (await exists(join(folder, 'PG_VERSION'))) {
    throw new InvalidOptionError(
      'folder',
      'a folder of its own, not one that PGlite itself was opened on',
      folder,
    )
  }
  const data = join(folder, 'data')
  if (!(await exists(markOf(folder)))) await rm(data, { recursive: true, force: true })
  return data
}

/** Marks the first start as complete, on the disk. */
export async function completeDataFolder(folder: string): Promise<void> {
  if (await exists(markOf(folder))) return
  await writeFile(markOf(folder), '')
  await fsyncPath(markOf(folder), 'file')
  await fsyncPath(folder, 'folder')
  await fsyncPath(dirname(folder), 'folder')
}

function markOf(folder: string): string {
  return join(folder, 'data.complete')
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
