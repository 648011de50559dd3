import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PublishedPackage } from './published-packages.ts'
import { runCommand } from './run-command.ts'
import type { Tarball } from './tarball.ts'

/** How a user's compiler may find packages, with the kind of modules that goes with it. */
const RESOLUTIONS = { nodenext: 'nodenext', bundler: 'esnext' } as const

/** The resolutions in which the packages are compiled. */
export type ModuleResolution = keyof typeof RESOLUTIONS

/** What an app depends on: the version of each package, or `file:` and its tarball. */
export type Dependencies = Readonly<Record<string, string>>

/** Subpaths that need a test runner to import. */
const NEEDS_TEST_RUNNER = /\/testing$/
/** Subpaths whose declarations are in the words of a client, so that they compile only beside it. They can be imported without. */
const SPEAKS_OF_CLIENT = /\/jetstream$/
const IMPORT_ALONE = 'import-alone.ts'

/** What can be imported without a test runner. */
export function importable(packages: readonly PublishedPackage[]): readonly string[] {
  return packages
    .flatMap(({ specifiers }) => specifiers)
    .filter((specifier) => !NEEDS_TEST_RUNNER.test(specifier))
}

/** The dependencies of an app on tarballs. */
export function tarballDependencies(tarballs: readonly Tarball[]): Dependencies {
  return Object.fromEntries(tarballs.map(({ published, file }) => [published.name, `file:${file}`]))
}

/** Writes the `package.json` of an app. */
export function writeApp(app: string, dependencies: Dependencies): void {
  mkdirSync(app, { recursive: true })
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'app', private: true, type: 'module', dependencies }, null, 2),
  )
}

/** Installs with npm, from the registry that the machine is set to. */
export function installWithNpm(app: string, dependencies: Dependencies): void {
  writeApp(app, dependencies)
  runCommand('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], app)
}

/** Imports each subpath in a process of its own, which must not be changed by it, by the given Node. */
export function importEachAlone(app: string, specifiers: readonly string[], node = process.execPath): void {
  copyFileSync(new URL(IMPORT_ALONE, import.meta.url), join(app, IMPORT_ALONE))
  const failures = specifiers.flatMap((specifier) => {
    try {
      runCommand(node, [IMPORT_ALONE, specifier], app, 30_000)
      return []
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)]
    }
  })
  if (failures.length > 0) throw new Error(failures.join('\n'))
}

/** Runs the program of each command with `--help`, which must print something and end well. Returns how many there are. */
export function runPrograms(
  app: string,
  packages: readonly PublishedPackage[],
  node: string = process.execPath,
): number {
  const programs = packages.flatMap(({ name, programs: paths }) =>
    paths.map((path) => join('node_modules', name, path)),
  )
  for (const program of programs) {
    const printed = runCommand(node, [program, '--help'], app, 30_000)
    if (printed.trim() === '') throw new Error(`${program} --help prints nothing`)
  }
  return programs.length
}

/**
 * Compiles a program that takes all that each subpath exports. The declarations are checked too: nothing in them may need the types
 * of a package that the app has not installed.
 */
export function compileImports(
  app: string,
  specifiers: readonly string[],
  resolution: ModuleResolution,
): void {
  const alone = specifiers.filter((specifier) => !SPEAKS_OF_CLIENT.test(specifier))
  const imports = alone.map((specifier, index) => `import * as module${index} from '${specifier}'`)
  const names = alone.map((_, index) => `module${index}`)
  writeFileSync(join(app, 'imports.ts'), `${imports.join('\n')}\nexport const all = [${names.join(', ')}]\n`)
  compile(writeCompilerConfig(app, resolution, { include: ['./imports.ts'], skipLibCheck: false }))
}

/** Writes a `tsconfig` into an app, and returns its path. */
export function writeCompilerConfig(
  app: string,
  moduleResolution: ModuleResolution,
  { include, skipLibCheck }: { readonly include: readonly string[]; readonly skipLibCheck: boolean },
): string {
  const compilerOptions = {
    noEmit: true,
    target: 'es2024',
    module: RESOLUTIONS[moduleResolution],
    moduleResolution,
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck,
  }
  const config = join(app, `tsconfig.${moduleResolution}${skipLibCheck ? '' : '.strict'}.json`)
  writeFileSync(config, JSON.stringify({ compilerOptions, include }))
  return config
}

/** Compiles with the TypeScript of this repository. */
export function compile(config: string): void {
  runCommand(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', resolve(config)])
}
