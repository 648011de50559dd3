import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../server/run-command.ts'
import type { ServiceName } from '../service.ts'
import { readAptSources, sourcesForRelease } from './apt-sources.ts'
import { cachedFolder } from './cache-folder.ts'
import { checkPrograms } from './program-version.ts'
import type { Programs } from './programs.ts'
import { PROGRAM_NAMES } from './programs.ts'

/** A browser and its libraries are 150 MB. */
const APT_LIMIT_MS = 300_000

/** The release whose packages are new enough, where a release's own are not. */
const NEWER_RELEASE: Readonly<Record<string, Readonly<Partial<Record<ServiceName, string>>>>> = {
  bookworm: { nats: 'trixie' },
  bullseye: { nats: 'trixie' },
}

/** The PostgreSQL of each release. */
const POSTGRES_OF_RELEASE: Readonly<Record<string, string>> = {
  bookworm: '15',
  trixie: '17',
  jammy: '14',
  noble: '16',
}

/** Left out though a package depends on them: parts of the machine's own C library, and what is not used. */
const NOT_UNPACKED = /^lib(c6|c-|gcc|perl|llvm|z3|js-)/

/**
 * Takes the programs from Debian packages: apt-get downloads and verifies them with lists and cache of its own, and they
 * are unpacked into our cache. Nothing is installed, so no system service starts.
 */
export async function fetchDebianPrograms(name: ServiceName, major?: string): Promise<Programs> {
  const own = releaseName()
  const release = NEWER_RELEASE[own]?.[name] ?? own
  const packages = packagesOf(name, release, major)
  const folder = await cachedFolder(
    `${release}-${process.arch}-${packages[0]}`,
    (making) => unpack(packages, sourcesForRelease(readAptSources(), own, release), making),
    async (entry) => {
      const check = checkPrograms(name, programFolder(name, entry), libraryPath(entry))
      return check.then(
        () => true,
        () => false,
      )
    },
  )
  const found = { folder: programFolder(name, folder), libraryPath: libraryPath(folder) }
  const version = await checkPrograms(name, found.folder, found.libraryPath, major)
  return { ...found, version, how: 'debian' }
}

/** The release of this Debian. Throws where there is none. */
export function releaseName(): string {
  if (!existsSync('/usr/bin/apt-get')) throw new Error('no apt-get on this machine')
  const name = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  if (name === undefined) throw new Error('/etc/os-release names no release')
  return name
}

function packagesOf(
  name: ServiceName,
  release: string,
  major: string | undefined,
): readonly [string, ...string[]] {
  if (name === 'redis') return ['redis-server', 'redis-tools']
  if (name === 'nats') return ['nats-server']
  if (name === 'bubblewrap') return ['bubblewrap']
  // A browser without a font draws no letter.
  if (name === 'chromium') return ['chromium', 'chromium-common', 'fonts-dejavu-core']
  if (name === 'prometheus') return ['prometheus', 'prometheus-alertmanager']
  if (name === 'docker') return ['docker.io', 'containerd', 'runc', 'runsc']
  const version = POSTGRES_OF_RELEASE[release]
  if (version === undefined) throw new Error(`no known PostgreSQL in the release ${release}`)
  if (major !== undefined && major !== version)
    throw new Error(`the release ${release} has PostgreSQL ${version}`)
  return [`postgresql-${version}`, `postgresql-client-${version}`]
}

/** Downloads the packages, and the libraries they need that this machine lacks, and unpacks them into `folder`. */
async function unpack(packages: readonly string[], sources: string, folder: string): Promise<void> {
  await withApt(sources, folder, async (aptGet, unpackInto) => {
    const plan = await aptGet(['--simulate', 'install', ...packages])
    const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, each = '']) => each)
    const libraries = missing.filter((each) => each.startsWith('lib') && !NOT_UNPACKED.test(each))
    await aptGet(['download', ...packages, ...libraries])
    await unpackInto(folder)
  })
}

/** Downloads these packages of this machine's own release, and no others, and unpacks them into `root`. */
export async function downloadPackages(
  packages: readonly string[],
  workFolder: string,
  root: string,
): Promise<void> {
  const own = releaseName()
  await withApt(sourcesForRelease(readAptSources(), own, own), workFolder, async (aptGet, unpackInto) => {
    await aptGet(['download', ...packages])
    await unpackInto(root)
  })
}

/** Runs apt-get with settings of its own, and returns what it prints. */
export type AptGet = (args: readonly string[]) => Promise<string>

/**
 * Gives apt-get lists, cache and downloads of its own below `workFolder`, removed afterwards. `more` are settings beside
 * ours, by name.
 */
export async function withApt(
  sources: string,
  workFolder: string,
  use: (aptGet: AptGet, unpackInto: (root: string) => Promise<void>) => Promise<void>,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const state = join(workFolder, '.apt')
  const downloads = join(workFolder, '.downloads')
  for (const path of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(state, path), { recursive: true })
  mkdirSync(downloads)
  writeFileSync(join(state, 'our.sources'), sources)
  const settings = {
    'Dir::State::Lists': join(state, 'lists'),
    'Dir::Cache': join(state, 'cache'),
    'Dir::Etc::SourceList': join(state, 'our.sources'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Etc::PreferencesParts': '/dev/null',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'APT::Install-Recommends': 'false',
    'Debug::NoLocking': 'true',
    ...more,
  }
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])
  const aptGet: AptGet = (args) =>
    runCommand('apt-get', ['-qq', ...options, ...args], { cwd: downloads, timeLimitMs: APT_LIMIT_MS })
  await aptGet(['update'])
  await use(aptGet, async (root) => {
    for (const file of readdirSync(downloads)) {
      await runCommand('dpkg-deb', ['--extract', join(downloads, file), root], { timeLimitMs: APT_LIMIT_MS })
    }
  })
  await Promise.all([state, downloads].map((path) => rm(path, { recursive: true, force: true })))
}

function programFolder(name: ServiceName, root: string): string {
  const versions = join(root, 'usr/lib/postgresql')
  const folders = existsSync(versions)
    ? readdirSync(versions).map((version) => join(versions, version, 'bin'))
    : []
  // What stands in usr/bin of some packages is a script for programs that are installed.
  const own = join(root, 'usr/lib', name)
  const candidates = [own, join(root, 'usr/bin'), join(root, 'usr/sbin'), ...folders]
  return (
    candidates.find((folder) => existsSync(join(folder, PROGRAM_NAMES[name][0]))) ?? join(root, 'usr/bin')
  )
}

function libraryPath(root: string): string {
  const folders = ['usr/lib', 'lib'].map((path) => join(root, path)).filter((path) => existsSync(path))
  return folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.includes('-linux-gnu'))
    .flatMap((path) => [path, ...privateFolders(path)])
    .join(':')
}

/** Where a library keeps parts of itself, which an installed one finds by its own path. */
function privateFolders(path: string): string[] {
  return ['pulseaudio'].map((name) => join(path, name)).filter((folder) => existsSync(folder))
}
