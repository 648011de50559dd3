/**
 * Breaks the packages on purpose, in places chosen by a seed, and counts which breakages a test of the package finds. Works in a
 * copy of what is committed, with Stryker (https://stryker-mutator.io) installed there alone. Constants that are read
 * once, as a module is loaded, are left out, and so are the entries of child processes and threads. Prints what survived; exit
 * code 1 where less than 85 % is found.
 *
 * Usage: mutation [--seed 1] [--windows 16] [--lines 20] [--packages core,budget,…]
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SeededChoice } from '../../examples/reference-server/src/testing/chaos/seeded-choice.ts'
import { chooseWindows } from '../mutation/choose-windows.ts'
import { type MutationReport, scoreOf } from '../mutation/mutation-score.ts'

const STRYKER_VERSION = '10.1.1'
const GOAL_PERCENT = 85
const ROOT = join(import.meta.dirname, '..', '..')

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    windows: { type: 'string', default: '16' },
    lines: { type: 'string', default: '20' },
    packages: { type: 'string', default: 'core,budget,sandbox,governance,messaging,cli' },
  },
})

const copy = mkdtempSync(join(tmpdir(), 'golden-arch-mutation-'))
try {
  makeCopy(copy)
  let [found, all] = [0, 0]
  for (const name of values.packages.split(',')) {
    const report = breakPackage(name)
    const score = scoreOf(report)
    for (const survivor of score.survivors) console.log(`survived: ${survivor}`)
    const share = percent(score.found, score.all)
    console.log(
      `${name}: ${score.found} of ${score.all} found, ${share} %, ${score.timedOut} of them by a time limit`,
    )
    found += score.found
    all += score.all
  }
  console.log(`all: ${found} of ${all} found, ${percent(found, all)} %`)
  if (percent(found, all) < GOAL_PERCENT) process.exitCode = 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}

function makeCopy(folder: string): void {
  execFileSync('git', ['clone', '--quiet', ROOT, folder], { stdio: 'inherit' })
  const workspaces = ['packages', 'internal', 'examples'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => join(parent, name)),
  )
  for (const place of ['.', ...workspaces]) {
    const modules = join(ROOT, place, 'node_modules')
    if (existsSync(modules))
      cpSync(modules, join(folder, place, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  }
  const packages = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@${STRYKER_VERSION}`)
  execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function breakPackage(name: string): MutationReport {
  const files = execFileSync('git', ['ls-files', `packages/${name}/src`], { cwd: copy, encoding: 'utf8' })
  const windows = chooseWindows(
    files
      .split('\n')
      .filter(Boolean)
      .map((file) => ({ file, text: readFileSync(join(copy, file), 'utf8') })),
    {
      choice: new SeededChoice(Number(values.seed)),
      count: Number(values.windows),
      lines: Number(values.lines),
    },
  )
  writeFileSync(join(copy, 'stryker.vitest.ts'), vitestConfiguration(name))
  writeFileSync(join(copy, 'stryker.conf.json'), JSON.stringify(strykerConfiguration(windows)))
  const program = join(copy, 'node_modules', '.bin', 'stryker')
  const { status } = spawnSync(process.execPath, [program, 'run'], {
    cwd: copy,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const report = join(copy, 'reports', 'mutation', 'mutation.json')
  if (status !== 0 || !existsSync(report)) throw new Error(`Stryker ended with ${status} on ${name}`)
  const text = readFileSync(report, 'utf8')
  rmSync(report)
  // Stryker's own form: https://github.com/stryker-mutator/mutation-testing-elements
  return JSON.parse(text) as MutationReport
}

function strykerConfiguration(mutate: readonly string[]): object {
  return {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'stryker.vitest.ts', related: true },
    mutate,
    inPlace: true,
    ignoreStatic: true,
    concurrency: 1,
    coverageAnalysis: 'perTest',
    reporters: ['json'],
    // A test worker that is a thread takes no flags of V8; its process does.
    testRunnerNodeArgs: ['--no-wasm-code-gc'],
    timeoutMS: 30_000,
    dryRunTimeoutMinutes: 60,
  }
}

function vitestConfiguration(name: string): string {
  return `import { defineConfig } from 'vitest/config'
export default defineConfig({
  resolve: { conditions: ['golden-arch-source'] },
  ssr: { resolve: { conditions: ['golden-arch-source'] } },
  test: {
    include: ['packages/${name}/src/**/*.test.ts'],
    globalSetup: ['internal/testkit/src/vitest/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
`
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10
}
