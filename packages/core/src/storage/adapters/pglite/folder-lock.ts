import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { StorageError } from '../../storage-error.ts'
import { clearHolder, readHolder, writeHolder } from './lock-holder.ts'

/** The exclusive right to a folder. */
export interface FolderLock {
  /** Gives the right back. */
  release(): Promise<void>
}

const LOCK_FILE = 'database.lock'
/** Held locks, kept from the garbage collector, which would close the file and so give the lock away. */
const HELD = new Set<DatabaseSync>()
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/**
 * Takes the exclusive right to `folder`, which is made if need be. The lock is the operating system's, held through an
 * empty SQLite file: it ends with the process however that ends, so a killed holder never blocks, and of any number
 * of takers the system admits one. Never open the file `database.lock` by other means in the holding process: POSIX
 * drops a process's locks on a file when the process closes it anywhere.
 * @throws StorageError `DATABASE_LOCKED` with `details.holderPid` where it is known; `DATABASE_UNAVAILABLE` when the
 * folder cannot be used.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const database = await openLockFile(folder)
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isHeldByAnother(error)) throw await lockedError(folder)
    throw StorageError.of('DATABASE_UNAVAILABLE', `the folder ${folder} cannot be locked`, { cause: error })
  }
  HELD.add(database)
  try {
    await writeHolder(folder)
  } catch (error) {
    HELD.delete(database)
    database.close()
    throw StorageError.of('DATABASE_UNAVAILABLE', `the folder ${folder} cannot be written`, { cause: error })
  }
  return {
    release: async () => {
      if (!HELD.delete(database)) return
      await clearHolder(folder).finally(() => database.close())
    },
  }
}

async function openLockFile(folder: string): Promise<DatabaseSync> {
  // Asked for when needed: an import would load SQLite, and warn on Node 22, in programs that use a server.
  const sqlite = process.getBuiltinModule('node:sqlite')
  try {
    await mkdir(folder, { recursive: true })
    return new sqlite.DatabaseSync(join(folder, LOCK_FILE))
  } catch (error) {
    throw StorageError.of('DATABASE_UNAVAILABLE', `the folder ${folder} cannot be used`, { cause: error })
  }
}

function isHeldByAnother(error: unknown): boolean {
  const code: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'errcode') : undefined
  return code === SQLITE_BUSY || code === SQLITE_LOCKED
}

async function lockedError(folder: string): Promise<StorageError> {
  const holder = await readHolder(folder)
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.hostname}`
  return StorageError.of('DATABASE_LOCKED', `the folder ${folder} is in use by ${who}`, {
    details:
      holder === undefined ? { folder } : { folder, holderPid: holder.pid, holderHostname: holder.hostname },
  })
}
