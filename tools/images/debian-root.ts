import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cachedFolder } from '../../internal/testkit/src/programs/cache-folder.ts'
import { downloadPackages, releaseName } from '../../internal/testkit/src/programs/debian-packages.ts'
import { runCommand } from '../../internal/testkit/src/server/run-command.ts'

/** What a base image has beside a small Debian. */
export type BaseName = 'node' | 'python'

const PACK_LIMIT_MS = 120_000
const SYSTEM =
  'bash coreutils dash findutils grep libacl1 libattr1 libc-bin libc6 libgcc-s1 libgmp10 libpcre2-8-0 libselinux1 ' +
  'libssl3 libstdc++6 libtinfo6 sed zlib1g'
const PYTHON =
  'python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libexpat1 libffi8 libbz2-1.0 liblzma5 libsqlite3-0 ' +
  'libuuid1 libcrypt1'

/**
 * A tar archive of a root file system that stands in for the base image of that name: a small Debian of this machine's
 * release with this very Node and npm, or Debian's Python, below `/usr/local`. Kept in the testkit's cache.
 */
export async function debianRoot(name: BaseName): Promise<string> {
  const folder = await cachedFolder(
    `${releaseName()}-${process.arch}-base-${name}-${process.version}-1`,
    (making) => build(name, making),
    async () => true,
  )
  return join(folder, 'image.tar')
}

async function build(name: BaseName, making: string): Promise<void> {
  const root = join(making, 'root')
  mkdirSync(root)
  await downloadPackages(`${SYSTEM} ${name === 'python' ? PYTHON : ''}`.trim().split(' '), making, root)
  for (const path of ['dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'usr/local/bin', 'usr/local/lib'])
    mkdirSync(join(root, path), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n')
  if (!existsSync(join(root, 'bin/sh'))) symlinkSync('dash', join(root, 'bin/sh'))
  if (name === 'node') addNode(join(root, 'usr/local'))
  else {
    for (const path of ['bin/python3.11', 'lib/python3.11'])
      renameSync(join(root, 'usr', path), join(root, 'usr/local', path))
  }
  for (const unused of ['usr/share', 'var']) await rm(join(root, unused), { recursive: true, force: true })
  const options = [
    '-C',
    root,
    '--numeric-owner',
    '--owner=0',
    '--group=0',
    '-cf',
    join(making, 'image.tar'),
    '.',
  ]
  await runCommand('tar', options, { timeLimitMs: PACK_LIMIT_MS })
  await rm(root, { recursive: true, force: true })
}

function addNode(to: string): void {
  cpSync(process.execPath, join(to, 'bin/node'), { dereference: true })
  chmodSync(join(to, 'bin/node'), 0o755)
  cpSync(npmFolder(), join(to, 'lib/node_modules/npm'), { recursive: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(to, 'bin/npm'))
}

/** The npm that runs this, as it says itself, or that of the machine. */
function npmFolder(): string {
  const { npm_execpath: own, PATH = '' } = process.env
  const found =
    own ??
    PATH.split(':')
      .map((folder) => join(folder, 'npm'))
      .find((path) => existsSync(path))
  if (found === undefined) throw new Error('there is no npm')
  return dirname(dirname(realpathSync(found)))
}
