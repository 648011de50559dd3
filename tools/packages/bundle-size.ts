import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { bundling, wholeModules } from './bundling.ts'
import type { PublishedPackage } from './published-packages.ts'

/** What a subpath adds to an app that is bundled. */
export interface BundleSize {
  readonly specifier: string
  readonly minifiedBytes: number
  readonly gzipBytes: number
}

/** Largest sizes, in KiB (1024 bytes) of the bundle, minified and gzipped: by subpath, and for those that are not named. */
export interface SizeLimits {
  readonly unnamed: number
  readonly gzipKib: Readonly<Record<string, number>>
}

/** How much larger than measured a limit is. */
const ROOM = 1.15
const KIB = 1024

/**
 * Bundles all that each subpath exports, with what it depends on, out of the packages that `app` has installed, for Node. Peers and the
 * modules of Node stay outside, and workers too: they are files of their own.
 */
export async function bundleSizes(
  app: string,
  packages: readonly PublishedPackage[],
  specifiers: readonly string[],
): Promise<readonly BundleSize[]> {
  const { outputFiles } = await build({
    ...bundling(app, packages, wholeModules(specifiers)),
    minify: true,
  })
  return specifiers.map((specifier, index) => {
    const output = outputFiles.find(({ path }) => path === join(app, 'bundles', `${index}.js`))
    if (output === undefined) throw new Error(`no bundle of ${specifier}`)
    const { contents } = output
    return { specifier, minifiedBytes: contents.length, gzipBytes: gzipSync(contents, { level: 9 }).length }
  })
}

/** The sizes as lines of a table, and which of them are too large. */
export function compareWithLimits(
  sizes: readonly BundleSize[],
  { unnamed, gzipKib }: SizeLimits,
): { readonly lines: readonly string[]; readonly problems: readonly string[] } {
  const width = Math.max(...sizes.map(({ specifier }) => specifier.length))
  const row = (...[name, minified, gzip, limit]: readonly [string, string, string, string]): string =>
    `${name.padEnd(width)} ${minified.padStart(10)} ${gzip.padStart(10)} ${limit.padStart(10)}`
  const problems: string[] = []
  const lines = sizes.map(({ specifier, minifiedBytes, gzipBytes }) => {
    const limit = gzipKib[specifier] ?? unnamed
    if (gzipBytes > limit * KIB)
      problems.push(`${specifier} is ${kib(gzipBytes)} KiB minified and gzipped, more than ${limit}`)
    return row(specifier, kib(minifiedBytes), kib(gzipBytes), `${limit}${specifier in gzipKib ? '' : ' *'}`)
  })
  const named = new Set(sizes.map(({ specifier }) => specifier))
  const gone = Object.keys(gzipKib).filter((specifier) => !named.has(specifier))
  problems.push(...gone.map((specifier) => `${specifier} has a limit and is no subpath`))
  return { lines: [row('KiB of the bundle', 'minified', 'gzip', 'limit'), ...lines], problems }
}

/** Limits with some room above what was measured. */
export function limitsFor(sizes: readonly BundleSize[], unnamed: number): SizeLimits {
  const gzipKib = sizes.map(({ specifier, gzipBytes }) => [
    specifier,
    Math.ceil(((gzipBytes * ROOM) / KIB) * 2) / 2,
  ])
  return { unnamed, gzipKib: Object.fromEntries(gzipKib) as Record<string, number> }
}

function kib(bytes: number): string {
  return (bytes / KIB).toFixed(1)
}
