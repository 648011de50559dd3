/**
 * Checks each package as its users get it. It is packed, and the tarball is held to rules and linted (publint, attw). All tarballs are
 * installed in an app that has nothing else: there each subpath is imported alone, compiled with its declarations checked,
 * bundled, and held to its limit of size; and an import of one name brings no module that it does not use. In an app that
 * has the clients too, the examples of the READMEs are run, and all examples compiled in each way in which TypeScript finds
 * packages. `npm run prove -- packages` does more of it: other versions of Node, pnpm, every name, every example.
 * Usage: node tools/package-checks.ts [--write-limits]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appExamples } from './packages/app-examples.ts'
import {
  compile,
  compileImports,
  importable,
  importEachAlone,
  installWithNpm,
  runPrograms,
  tarballDependencies,
  writeCompilerConfig,
} from './packages/app-folder.ts'
import { bundleSizes, compareWithLimits, limitsFor, type SizeLimits } from './packages/bundle-size.ts'
import { publishedPackages } from './packages/published-packages.ts'
import { runCommand } from './packages/run-command.ts'
import { packAll, tarballProblems } from './packages/tarball.ts'
import { namedImports, shakeImports } from './packages/tree-shaking.ts'

const LIMITS = join('tools', 'packages', 'size-limits.json')

const packages = publishedPackages()
const specifiers = importable(packages)
const folder = mkdtempSync(join(tmpdir(), 'golden-arch-install-'))
const problems: string[] = []
const startedAt = performance.now()
const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`)

try {
  const tarballs = packAll(packages, folder)
  problems.push(...tarballs.flatMap(tarballProblems))
  for (const { file } of tarballs) {
    runCommand('npx', ['publint', 'run', file, '--strict'])
    runCommand('npx', ['attw', file, '--profile', 'esm-only'])
  }
  say(`${tarballs.length} packages packed and linted`)

  const examples = appExamples()
  const { '@types/node': nodeTypes = '*', ...clients } = examples.clients
  const ours = { ...tarballDependencies(tarballs), '@types/node': nodeTypes }
  const bare = join(folder, 'bare')
  installWithNpm(bare, ours)
  importEachAlone(bare, specifiers)
  const programCount = runPrograms(bare, packages)
  compileImports(bare, specifiers, 'nodenext')
  say(
    `${specifiers.length} subpaths imported alone and compiled without a peer; ${programCount} commands run`,
  )

  const sizes = await bundleSizes(bare, packages, specifiers)
  if (process.argv.includes('--write-limits')) writeLimits(limitsFor(sizes, readLimits().unnamed))
  const compared = compareWithLimits(sizes, readLimits())
  console.log(compared.lines.join('\n'))
  problems.push(...compared.problems)

  const firstNames = (await namedImports(bare, packages, specifiers)).filter(
    ({ specifier }, index, all) => all[index - 1]?.specifier !== specifier,
  )
  const shaken = await shakeImports(bare, packages, firstNames)
  for (const { specifier, name, unrelated } of shaken) {
    if (unrelated.length > 0) problems.push(`${name} of ${specifier} brings ${unrelated.join(', ')} along`)
  }
  say(`one name of each subpath bundled: ${shaken.length} imports bring only what they use`)

  const app = join(folder, 'app')
  installWithNpm(app, { ...ours, ...clients })
  const { programs, include } = examples.write(app)
  // The others are run on the sources by other checks and tests, and from here by the proof.
  const first = programs.filter(({ isOfReadme }) => isOfReadme)
  for (const { folder: within, args } of first) runCommand(process.execPath, args, within)
  for (const resolution of ['nodenext', 'bundler'] as const)
    compile(writeCompilerConfig(app, resolution, { include, skipLibCheck: true }))
  const { blockCount, folderCount } = examples
  say(
    `${blockCount} blocks and ${folderCount} folders of examples compiled, ${first.length} blocks of READMEs run`,
  )
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const problem of problems) console.error(problem)
console.log(`package checks: ${packages.length} packages, ${problems.length} problems`)
if (problems.length > 0) process.exitCode = 1

function readLimits(): SizeLimits {
  // Written by this program.
  return JSON.parse(readFileSync(LIMITS, 'utf8')) as SizeLimits
}

function writeLimits(limits: SizeLimits): void {
  writeFileSync(LIMITS, `${JSON.stringify(limits, null, 2)}\n`)
}
