import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../server/run-command.ts'
import { cachedFolder } from './cache-folder.ts'
import { releaseName } from './debian-packages.ts'
import { type ImageName, imageArchive } from './image-packages.ts'

const UNPACK_LIMIT_MS = 60_000

/** A folder with the root file system of an image, kept in the cache and for reading only. */
export function rootFolder(name: ImageName): Promise<string> {
  return cachedFolder(
    `${releaseName()}-${process.arch}-root-${name}-2`,
    async (making) => {
      const args = ['-C', making, '--no-same-owner', '-xf', await imageArchive(name)]
      await runCommand('tar', args, { timeLimitMs: UNPACK_LIMIT_MS })
    },
    async (folder) => existsSync(join(folder, 'bin/busybox')),
  )
}
