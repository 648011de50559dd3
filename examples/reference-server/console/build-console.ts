import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'vite'
import { sourceHash } from './source-hash.ts'

const FOLDER = import.meta.dirname
const LOCK_FILE = join(FOLDER, '../../../package-lock.json')
const HASH_FILE = 'built-from.txt'

/** Where the built console stands. */
export const DIST_FOLDER = join(FOLDER, 'dist')

/**
 * Builds the console, unless what stands there was built from the same sources. It is built aside and then takes the
 * place of the old one, so that who builds at the same time spoils nothing. Resolves with whether it was built.
 */
export async function buildConsole(): Promise<boolean> {
  const hash = sourceHash(FOLDER, LOCK_FILE)
  if (isBuiltFrom(hash)) return false
  const aside = join(FOLDER, `dist-${randomBytes(4).toString('hex')}`)
  try {
    await buildFor(aside)
    compressAssets(join(aside, 'assets'))
    writeFileSync(join(aside, HASH_FILE), hash)
    await takePlace(aside, hash)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return true
}

/** What the libraries leave out for production goes by this variable, which is another one within a test. */
async function buildFor(aside: string): Promise<void> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    await build({
      configFile: join(FOLDER, 'vite.config.ts'),
      mode: 'production',
      logLevel: 'warn',
      build: { outDir: aside },
    })
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
}

/** So that nothing has to be compressed while it is sent. */
function compressAssets(folder: string): void {
  for (const name of readdirSync(folder)) {
    const content = readFileSync(join(folder, name))
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }))
  }
}

function isBuiltFrom(hash: string): boolean {
  const file = join(DIST_FOLDER, HASH_FILE)
  return existsSync(file) && readFileSync(file, 'utf8') === hash
}

async function takePlace(aside: string, hash: string): Promise<void> {
  // Another build may put its own there between the two steps; one from the same sources is as good.
  for (let tries = 0; tries < 10 && !isBuiltFrom(hash); tries += 1) {
    await rename(DIST_FOLDER, `${aside}-old`).catch(() => undefined)
    await rm(`${aside}-old`, { recursive: true, force: true })
    await rename(aside, DIST_FOLDER).catch(() => undefined)
  }
  if (!isBuiltFrom(hash)) throw new Error('another build of the console is in the way; try again')
}
