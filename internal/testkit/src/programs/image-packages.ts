import { chmodSync, copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runCommand } from '../server/run-command.ts'
import { cachedFolder } from './cache-folder.ts'
import { downloadPackages, releaseName } from './debian-packages.ts'

/** The images that tests may ask for: `python` has busybox and Python, `node` busybox and this Node. */
export type ImageName = 'python' | 'node'

const BUSYBOX_PROGRAMS =
  'sh cat cp dd dmesg echo env find grep head id kill ln ls mkdir mkfifo mknod mount mv ping rm sleep tar timeout touch tr unshare wc wget yes'
const UNPACK_LIMIT_MS = 60_000

const PACKAGES: Readonly<Record<ImageName, readonly string[]>> = {
  python: [
    'busybox-static',
    'python3.11-minimal',
    'libpython3.11-minimal',
    'libpython3.11-stdlib',
    'libc6',
    'zlib1g',
    'libexpat1',
    'libffi8',
  ],
  node: ['busybox-static', 'libc6', 'libstdc++6', 'libgcc-s1'],
}

/** A root file system as a tar archive, made from Debian packages without any registry, kept in the cache. */
export async function imageArchive(name: ImageName): Promise<string> {
  const folder = await cachedFolder(
    `${releaseName()}-${process.arch}-image-${name}-2`,
    (making) => build(name, making),
    async () => true,
  )
  return join(folder, 'image.tar')
}

async function build(name: ImageName, making: string): Promise<void> {
  const root = join(making, 'root')
  mkdirSync(root)
  await downloadPackages(PACKAGES[name], making, root)
  const bin = join(root, 'bin')
  for (const folder of ['bin', 'dev', 'etc', 'proc', 'sys'])
    mkdirSync(join(root, folder), { recursive: true })
  // The engine gives a tmpfs the mode that the image's folder has.
  mkdirSync(join(root, 'tmp'), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  const kept = new Set(readdirSync(bin))
  for (const program of BUSYBOX_PROGRAMS.split(' '))
    if (!kept.has(program)) symlinkSync('busybox', join(bin, program))
  if (name === 'node') {
    const to = join(root, 'usr/bin/node')
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(process.execPath, to)
    chmodSync(to, 0o755)
  }
  for (const unused of ['usr/share', 'var', 'usr/sbin'])
    await rm(join(root, unused), { recursive: true, force: true })
  await runCommand(
    'tar',
    ['-C', root, '--numeric-owner', '--owner=0', '--group=0', '-cf', join(making, 'image.tar'), '.'],
    {
      timeLimitMs: UNPACK_LIMIT_MS,
    },
  )
  await rm(root, { recursive: true, force: true })
}
