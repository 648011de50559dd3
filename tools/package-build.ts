import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Options } from 'tsup'
import { listSubpaths } from './package-subpaths.ts'

/** What a package's build adds to its subpaths. */
export interface PackageBuild {
  /** Further entry files below `src`, without `.ts`: workers, which run as files of their own. */
  readonly workers?: readonly string[]
  /** Migration modules whose files the package carries, from the folder `migrations` of the repository. */
  readonly migrationModules?: readonly string[]
}

/** The tsup options of a package: ESM with declarations, one entry per subpath, chunks shared between them. */
export function packageBuild(build: PackageBuild = {}): Options {
  const entry: Record<string, string> = {}
  for (const { folder } of listSubpaths('.')) {
    const path = folder === '' ? 'index' : `${folder}/index`
    entry[path] = `src/${path}.ts`
  }
  for (const worker of build.workers ?? []) entry[worker] = `src/${worker}.ts`
  return {
    entry,
    format: ['esm'],
    target: 'es2024',
    platform: 'node',
    tsconfig: '../../tsconfig.build.json',
    dts: { compilerOptions: { rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true } },
    splitting: true,
    sourcemap: true,
    clean: true,
    onSuccess: async () => copyMigrations(build.migrationModules ?? []),
  }
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
