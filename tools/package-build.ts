import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { buildSync } from 'esbuild'
import type { Options } from 'tsup'
import { listSubpaths } from './package-subpaths.ts'

const TARGET = 'es2024'

/** What a package's build adds to its subpaths. */
export interface PackageBuild {
  /** Further entry files below `src`, without `.ts`: workers, which run as files of their own. */
  readonly workers?: readonly string[]
  /** Migration modules whose files the package carries, from the folder `migrations` of the repository. */
  readonly migrationModules?: readonly string[]
}

/**
 * The tsup options of a package: ESM, a file for each module at the place that it has in `src`, so that a bundler leaves out every
 * module that an app does not use; and declarations for each subpath.
 */
export function packageBuild(build: PackageBuild = {}): Options {
  const subpaths = entriesOf(
    listSubpaths('.').map(({ folder }) => (folder === '' ? 'index' : `${folder}/index`)),
  )
  return {
    entry: entriesOf(
      reachableModules([...Object.values(subpaths), ...Object.values(entriesOf(build.workers ?? []))]),
    ),
    format: ['esm'],
    target: TARGET,
    platform: 'node',
    tsconfig: '../../tsconfig.build.json',
    dts: {
      entry: subpaths,
      compilerOptions: { rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true },
    },
    splitting: false,
    esbuildPlugins: [
      {
        name: 'modules stay files',
        setup({ onResolve }) {
          onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, kind }) =>
            kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
          )
        },
      },
    ],
    sourcemap: true,
    esbuildOptions: (options) => {
      // The package carries the sources themselves.
      options.sourcesContent = false
    },
    clean: true,
    onSuccess: async () => copyMigrations(build.migrationModules ?? []),
  }
}

/** Entry files by the place of their output: `errors/index` and `src/errors/index.ts`. */
function entriesOf(places: readonly string[]): Record<string, string> {
  return Object.fromEntries(places.map((place) => [place, `src/${place}.ts`]))
}

/** The places of all modules that these files import, themselves included. Types alone are no reason to import one. */
function reachableModules(entryPoints: string[]): readonly string[] {
  const { metafile } = buildSync({
    entryPoints,
    bundle: true,
    packages: 'external',
    format: 'esm',
    target: TARGET,
    platform: 'node',
    tsconfig: '../../tsconfig.build.json',
    outdir: 'dist',
    write: false,
    metafile: true,
  })
  return Object.keys(metafile.inputs).map((path) => path.replace(/^src\//, '').replace(/\.ts$/, ''))
}

function copyMigrations(modules: readonly string[]): void {
  rmSync('migrations', { recursive: true, force: true })
  if (modules.length === 0) return
  const source = join('..', '..', 'migrations')
  if (!existsSync(source)) throw new Error(`no folder ${source}`)
  mkdirSync('migrations')
  for (const file of readdirSync(source)) {
    const owner = /^-- module: *([a-z-]+)/m.exec(readFileSync(join(source, file), 'utf8'))?.[1]
    if (owner !== undefined && modules.includes(owner))
      cpSync(join(source, file), join('migrations', basename(file)))
  }
}
