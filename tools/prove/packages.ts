/**
 * The packages as an app installs them, at length: packed once, installed by npm and by pnpm in an app that has nothing else, and there
 * imported, each subpath alone, by Node 22, 24 and 26, and compiled in each way in which TypeScript finds packages. Then the
 * clients are added, and every example of the documents is run by each Node. Each exported name is bundled alone and must
 * bring only modules that it uses. Last, what a newcomer does is timed: in an empty folder, the README's line, its first example, a run.
 * Usage: node tools/prove/packages.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appExamples } from '../packages/app-examples.ts'
import {
  compile,
  compileImports,
  type Dependencies,
  importable,
  importEachAlone,
  installWithNpm,
  runPrograms,
  tarballDependencies,
  writeCompilerConfig,
} from '../packages/app-folder.ts'
import { firstRun } from '../packages/first-run.ts'
import { publishedPackages } from '../packages/published-packages.ts'
import { runCommand } from '../packages/run-command.ts'
import { fetchRuntimes, installWithPnpm } from '../packages/runtimes.ts'
import { packAll, tarballProblems } from '../packages/tarball.ts'
import { namedImports, shakeImports } from '../packages/tree-shaking.ts'

const RESOLUTIONS = ['nodenext', 'bundler'] as const
const KIB = 1024
const BUILD_LIMIT_MS = 900_000

const folder = mkdtempSync(join(tmpdir(), 'golden-arch-packages-'))
const problems: string[] = []
const startedAt = performance.now()
const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`)
const attempt = (what: string, act: () => void): void => {
  try {
    act()
    say(what)
  } catch (error) {
    problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    say(`${what}: FAILED`)
  }
}

try {
  runCommand('npm', ['run', 'build'], '.', BUILD_LIMIT_MS)
  const packages = publishedPackages()
  const specifiers = importable(packages)
  const tarballs = packAll(packages, folder)
  problems.push(...tarballs.flatMap(tarballProblems))
  for (const { published, sizeBytes, paths } of tarballs)
    say(
      `${published.name} ${published.manifest.version}: ${Math.round(sizeBytes / KIB)} KiB packed, ${paths.length} files`,
    )
  const { nodes, pnpm } = fetchRuntimes(join(folder, 'runtimes'))

  const examples = appExamples()
  const { '@types/node': nodeTypes = '*', ...clients } = examples.clients
  const ours = { ...tarballDependencies(tarballs), '@types/node': nodeTypes }
  const managers: Readonly<Record<string, (app: string, dependencies: Dependencies) => void>> = {
    npm: installWithNpm,
    pnpm: (app, dependencies) => installWithPnpm(pnpm, app, dependencies),
  }
  for (const [manager, install] of Object.entries(managers)) {
    const bare = join(folder, `${manager}-bare`)
    attempt(`${manager}: the tarballs alone installed`, () => install(bare, ours))
    for (const { version, path } of nodes) {
      attempt(
        `${manager}, Node ${version}: ${specifiers.length} subpaths imported, each alone, no peer installed`,
        () => importEachAlone(bare, specifiers, path),
      )
      attempt(
        `${manager}, Node ${version}: the commands answer`,
        () => void runPrograms(bare, packages, path),
      )
    }
    for (const resolution of RESOLUTIONS) {
      attempt(
        `${manager}, ${resolution}: every subpath compiled, declarations checked, no peer installed`,
        () => compileImports(bare, specifiers, resolution),
      )
    }
    const app = join(folder, `${manager}-app`)
    attempt(`${manager}: installed with the clients`, () => install(app, { ...ours, ...clients }))
    const { programs, include } = examples.write(app)
    // What pnpm changes is where packages are found, which is the same for each Node.
    for (const { version, path } of manager === 'npm' ? nodes : nodes.slice(-1)) {
      for (const { name, folder: within, args } of programs)
        attempt(`${manager}, Node ${version}: ${name}`, () => void runCommand(path, args, within))
    }
    for (const resolution of RESOLUTIONS) {
      attempt(
        `${manager}, ${resolution}: ${examples.blockCount} blocks, ${examples.folderCount} folders compiled`,
        () => compile(writeCompilerConfig(app, resolution, { include, skipLibCheck: true })),
      )
    }
  }

  const bare = join(folder, 'npm-bare')
  const shaken = await shakeImports(bare, packages, await namedImports(bare, packages, specifiers))
  for (const { specifier, name, unrelated } of shaken)
    if (unrelated.length > 0) problems.push(`${name} of ${specifier} brings ${unrelated.join(', ')} along`)
  const lightest = Math.min(...shaken.map(({ modules }) => modules.length))
  const heaviest = Math.max(...shaken.map(({ modules }) => modules.length))
  say(`${shaken.length} names bundled alone: ${lightest} to ${heaviest} modules each`)

  for (const tarball of tarballs) {
    const { name, folder: place } = tarball.published
    attempt(`${name}: the first example of its README runs`, () => {
      const run = firstRun(join(folder, `first-${place.replace('/', '-')}`), tarball, tarballs)
      if (run === undefined) return
      const { install, lineCount, installSeconds, runSeconds } = run
      const seconds = `install ${installSeconds.toFixed(1)} s, run ${runSeconds.toFixed(1)} s`
      say(`from an empty folder, 3 steps: ${install}; paste ${lineCount} lines; run it: ${seconds}`)
    })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
