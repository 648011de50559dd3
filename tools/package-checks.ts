/**
 * Checks each package as its users get it: packed, its exports linted (publint, attw), and all tarballs installed
 * together in an empty folder, where every subpath is imported from `dist`, and every example of the READMEs and guides
 * is run where its fence says so and compiled in each way in which TypeScript finds packages.
 * Usage: node tools/package-checks.ts
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { clientVersions, type PackageExample, packageExamples, writeExamples } from './package-examples.ts'
import { listSubpaths } from './package-subpaths.ts'

/** The one client that is installed while the subpaths are imported, so that none of them can need another. */
const CLIENT = '@electric-sql/pglite'
/** Subpaths that need a test runner to import. */
const NEEDS_TEST_RUNNER = /\/testing$/

const packages = readdirSync('packages').sort()
const folder = mkdtempSync(join(tmpdir(), 'golden-arch-install-'))
try {
  const tarballs = packages.map((name) => pack(name, folder))
  for (const tarball of tarballs) lint(tarball)
  const ours = Object.fromEntries(
    packages.map((name, index) => [`@golden-arch/${name}`, `file:${tarballs[index]}`]),
  )
  const examples = packageExamples()
  const clients = clientVersions(examples)
  const configs = writeExamples(folder, examples)
  install(folder, { ...ours, [CLIENT]: clients[CLIENT] ?? '*' })
  importEverySubpath(folder)
  const needsOthers = (example: PackageExample): boolean => example.clients.some((name) => name !== CLIENT)
  runExamples(
    folder,
    examples.filter((example) => !needsOthers(example)),
  )
  install(folder, { ...ours, ...clients })
  runExamples(folder, examples.filter(needsOthers))
  for (const config of configs)
    run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', config])
  console.log(
    `package checks: ${packages.length} packages packed, linted, installed and imported, ${examples.length} examples compiled`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function pack(name: string, destination: string): string {
  const output = run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', destination],
    join('packages', name),
  )
  const file = /"filename":\s*"([^"]+)"/.exec(output)?.[1]
  if (file === undefined) throw new Error(`npm pack of ${name} named no file: ${output}`)
  return resolve(destination, file)
}

function lint(tarball: string): void {
  run('npx', ['publint', 'run', tarball, '--strict'])
  run('npx', ['attw', tarball, '--profile', 'esm-only'])
}

function install(into: string, dependencies: Readonly<Record<string, string>>): void {
  writeFileSync(
    join(into, 'package.json'),
    JSON.stringify({ name: 'app', private: true, type: 'module', dependencies }),
  )
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], into)
}

function importEverySubpath(app: string): void {
  const specifiers = packages.flatMap((name) =>
    listSubpaths(join('packages', name))
      .filter(({ subpath }) => !NEEDS_TEST_RUNNER.test(subpath))
      .map(({ subpath }) => `@golden-arch/${name}${subpath.slice(1)}`),
  )
  const lines = specifiers.map(
    (specifier) =>
      `if (Object.keys(await import('${specifier}')).length === 0) throw new Error('${specifier} exports nothing')`,
  )
  writeFileSync(join(app, 'import.mjs'), lines.join('\n'))
  run(process.execPath, ['import.mjs'], app)
  const installed = JSON.parse(readFileSync(join(app, 'package-lock.json'), 'utf8')) as { packages: object }
  console.log(
    `imported ${specifiers.length} subpaths; ${Object.keys(installed.packages).length - 1} packages installed`,
  )
}

function runExamples(app: string, examples: readonly PackageExample[]): void {
  const runnable = examples.filter(({ isRunnable }) => isRunnable)
  for (const { fileName } of runnable) run(process.execPath, [fileName], app)
  console.log(`ran ${runnable.length} examples`)
}

function run(command: string, args: readonly string[], cwd = '.'): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 300_000,
    })
  } catch (error) {
    const output = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} in ${cwd}:\n${output.stdout ?? ''}${output.stderr ?? ''}`, {
      cause: error,
    })
  }
}
