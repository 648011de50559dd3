import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runCommand } from '../server/run-command.ts'
import { reasonOf } from '../service-error.ts'
import { readAptSources, sourcesForRelease } from './apt-sources.ts'
import { cachedFolder, cacheFolder } from './cache-folder.ts'
import { downloadPackages, releaseName, withApt } from './debian-packages.ts'

const RUN_LIMIT_MS = 30_000
/** Left out though a package depends on them: large, and not used by what is run here. */
const NOT_UNPACKED = /^lib(perl|llvm|z3|js-|c-)/

/** Programs of a release of Debian that need not be this machine's own. */
export interface ReleasePrograms {
  /** The release, such as `trixie` or `bookworm-backports`. */
  readonly release: string
  /** The packages that have the programs. */
  readonly packages: readonly [string, ...string[]]
  /** What each program is called in the folder that is made, by its path in the packages. */
  readonly programs: Readonly<Record<string, string>>
}

/**
 * A folder with programs of some release of Debian, for `TESTKIT_…_PROGRAMS`. One that this machine's own libraries are too
 * old or too new for runs with those of its release. Nothing is installed. Throws where the release has them not.
 */
export async function fetchReleasePrograms(wanted: ReleasePrograms): Promise<string> {
  const { release, packages, programs } = wanted
  const name = `release-${release}-${process.arch}-${packages[0]}`
  const folder = await cachedFolder(
    name,
    async (making) => {
      for (const each of ['root', 'bin', 'tools']) mkdirSync(join(making, each))
      await unpack(release, packages, making)
      await downloadPackages(['patchelf'], making, join(making, 'tools'))
      const entry = join(cacheFolder(), name)
      for (const [path, called] of Object.entries(programs)) await placeProgram(making, entry, path, called)
    },
    async (entry) => Object.values(programs).every((called) => existsSync(join(entry, 'bin', called))),
  )
  return join(folder, 'bin')
}

/** Downloads the packages and every library that they need, as for a machine that has nothing, and unpacks them. */
async function unpack(release: string, packages: readonly string[], workFolder: string): Promise<void> {
  const base = release.replace(/-backports$/, '')
  const own = releaseName()
  const sources = [...new Set([base, release])].map((each) => sourcesForRelease(readAptSources(), own, each))
  const status = join(workFolder, '.status')
  writeFileSync(status, '')
  await withApt(
    sources.join('\n'),
    workFolder,
    async (aptGet, unpackInto) => {
      const plan = await aptGet(['--simulate', 'install', ...packages])
      const all = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, each = '']) => each)
      const libraries = all.filter((each) => /^(lib|lua-)/.test(each) && !NOT_UNPACKED.test(each))
      await aptGet(['download', ...new Set([...packages, ...libraries])])
      await unpackInto(join(workFolder, 'root'))
    },
    { 'Dir::State::status': status },
  )
}

/**
 * Puts a program into `bin`: as it is where it runs so, else set to the linker and the libraries of its release at the place
 * that they will have. No script calls the linker: what starts itself again would start that instead.
 */
async function placeProgram(making: string, entry: string, path: string, name: string): Promise<void> {
  // Some programs do as their name says, so that a link to one is not followed.
  const target = join(making, 'root', path)
  symlinkSync(join('..', 'root', path), join(making, 'bin', name))
  if (await isLinkable(target)) return
  const folders = libraryFolders(join(making, 'root'))
  const placed = (file: string): string => join(entry, relative(making, file))
  const libraries = ['--force-rpath', '--set-rpath', folders.map(placed).join(':')]
  await runCommand(
    join(making, 'tools/usr/bin/patchelf'),
    ['--set-interpreter', placed(linkerIn(folders)), ...libraries, realpathSync(target)],
    { timeLimitMs: RUN_LIMIT_MS },
  )
}

/** Whether this machine's own libraries do for a program; what it says of `--version` is its own affair. */
async function isLinkable(file: string): Promise<boolean> {
  const said = await runCommand(file, ['--version'], { timeLimitMs: RUN_LIMIT_MS }).catch(reasonOf)
  return !/error while loading shared libraries|version `[\w.]+' not found/.test(said)
}

function libraryFolders(root: string): readonly string[] {
  return ['usr/lib', 'lib']
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('-linux-gnu'))
    .flatMap((path) => [path, join(path, 'lua'), join(path, 'systemd')])
    .filter((path) => existsSync(path))
}

function linkerIn(folders: readonly string[]): string {
  for (const folder of folders) {
    const found = readdirSync(folder).find((name) => /^ld-(linux-.*|2.*)\.so/.test(name))
    if (found !== undefined) return join(folder, found)
  }
  throw new Error(`no dynamic linker in ${folders.join(', ')}`)
}
