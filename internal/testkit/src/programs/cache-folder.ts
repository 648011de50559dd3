import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { othersCanReach } from '../server/server-folder.ts'
import { startWatchdog } from '../server/watchdog.ts'

const NAME = 'golden-arch-testkit'

/**
 * Where downloaded programs stay between runs: `TESTKIT_CACHE`, else this user's cache folder. As root it is below the
 * folder for temporary files when root's own is closed to the user that servers run as.
 */
export function cacheFolder(): string {
  const asRoot = process.getuid?.() === 0
  const folder = process.env.TESTKIT_CACHE ?? join(userCacheFolder(), NAME)
  mkdirSync(folder, { recursive: true })
  if (!asRoot || othersCanReach(folder)) return folder
  const shared = join(tmpdir(), `${NAME}-cache`)
  mkdirSync(shared, { recursive: true })
  // A name in a folder that all can write to may have been taken by somebody else.
  const { uid, mode } = lstatSync(shared)
  if (!lstatSync(shared).isDirectory() || uid !== 0 || (mode & 0o022) !== 0) {
    throw new Error(`${shared} is not a folder of root's alone; set TESTKIT_CACHE to one`)
  }
  chmodSync(shared, 0o755)
  return shared
}

function userCacheFolder(): string {
  if (process.env.XDG_CACHE_HOME?.startsWith('/')) return process.env.XDG_CACHE_HOME
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
}

/**
 * The folder `name` of the cache, made by `make` when it is not there or `isUsable` says no. It appears whole or not at
 * all; of several that make it at once, one wins and all use that one.
 */
export async function cachedFolder(
  name: string,
  make: (folder: string) => Promise<void>,
  isUsable: (folder: string) => Promise<boolean>,
): Promise<string> {
  const cache = cacheFolder()
  const entry = join(cache, name)
  if (existsSync(entry)) {
    if (await isUsable(entry)) return entry
    await discard(entry, cache)
  }
  const making = join(cache, `.making-${name}-${randomBytes(4).toString('hex')}`)
  mkdirSync(making)
  chmodSync(making, 0o755)
  // Removes what a killed run has half made.
  const watchdog = startWatchdog('rm -rf "$1"', [making])
  try {
    await make(making)
    await rename(making, entry).catch((error: unknown) => {
      if (!existsSync(entry)) throw error
    })
  } finally {
    await watchdog.release()
  }
  return entry
}

async function discard(entry: string, cache: string): Promise<void> {
  const away = join(cache, `.discarded-${randomBytes(4).toString('hex')}`)
  // Somebody else may have discarded it first.
  await rename(entry, away).catch(() => undefined)
  await rm(away, { recursive: true, force: true })
}
