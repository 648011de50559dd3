import { resolve } from 'node:path'
import type { SqlDurability } from '../../ports/sql-database.ts'
import { storageErrorOf } from '../../sql/sql-state.ts'
import { completeDataFolder, prepareDataFolder } from './data-folder.ts'
import { makeCommitsDurable } from './durable-commits.ts'
import { lockFolder } from './folder-lock.ts'
import type { PgliteClient } from './pglite-client.ts'

/** An open PGlite, and what it takes to let go of it. */
export interface OpenedPglite {
  readonly client: PgliteClient
  readonly durability: SqlDurability
  /** Closes the instance, then gives its folder free. */
  close(): Promise<void>
}

/**
 * Opens PGlite in memory, or in `folder` once it is locked for this process.
 * @throws StorageError `DATABASE_LOCKED` when another holds the folder; `DATABASE_UNAVAILABLE` when PGlite does not
 * start. InvalidOptionError `INVALID_OPTION` on a folder that PGlite was opened on directly.
 */
export async function openPglite(
  create: (dataDir: string) => Promise<PgliteClient>,
  folder: string | undefined,
): Promise<OpenedPglite> {
  if (folder === undefined) {
    const client = await start(create, 'memory://')
    return { client, durability: 'memory', close: () => client.close() }
  }
  const absolute = resolve(folder)
  const lock = await lockFolder(absolute)
  try {
    const data = await prepareDataFolder(absolute)
    const client = await start(create, data)
    const durability = await makeCommitsDurable(client, data)
    await completeDataFolder(absolute)
    return { client, durability, close: () => client.close().finally(() => lock.release()) }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function start(
  create: (dataDir: string) => Promise<PgliteClient>,
  dataDir: string,
): Promise<PgliteClient> {
  try {
    return await create(dataDir)
  } catch (error) {
    throw storageErrorOf(error)
  }
}
