import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { runFolder } from '../run-folder.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', '..', 'migrations')

const copies = new Map<string, Promise<string>>()

/** PGlite in memory with nothing in it. */
export function emptyPglite(): Promise<PGlite> {
  return copyOf('nothing', () => PGlite.create())
}

/**
 * PGlite in memory, as `prepare` leaves an empty one. In a test run the first that asks for `state` prepares one and keeps
 * its data in the run's folder, and all are opened on a copy of that: to make a cluster and its tables takes ten times as
 * long. The same `state` must be prepared the same way each time; the files of migrations/ may change between two calls.
 */
export function preparedPglite(
  state: string,
  prepare: (pglite: PGlite) => Promise<unknown>,
): Promise<PGlite> {
  return copyOf(state, async () => {
    const pglite = await emptyPglite()
    await prepare(pglite)
    return pglite
  })
}

async function copyOf(state: string, make: () => Promise<PGlite>): Promise<PGlite> {
  const folder = runFolder()
  if (folder === undefined) return make()
  const path = join(folder, `pglite-${await fingerprint(state)}.tar`)
  const kept = copies.get(path) ?? keep(path, make)
  copies.set(path, kept)
  return PGlite.create({ loadDataDir: new Blob([await readFile(await kept)]) })
}

/** Writes the file unless it is there; of several processes that do so at once, each leaves a whole one. */
async function keep(path: string, make: () => Promise<PGlite>): Promise<string> {
  if (existsSync(path)) return path
  const pglite = await make()
  await pglite.exec('CHECKPOINT')
  const data = await pglite.dumpDataDir('none')
  await pglite.close()
  const writing = `${path}.${randomBytes(4).toString('hex')}`
  await writeFile(writing, data.stream())
  await rename(writing, path)
  return path
}

async function fingerprint(state: string): Promise<string> {
  const hash = createHash('sha256').update(state)
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    hash.update(`\0${name}\0`).update(await readFile(join(MIGRATIONS, name)))
  }
  return hash.digest('hex').slice(0, 32)
}
