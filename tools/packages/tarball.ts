import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PublishedPackage } from './published-packages.ts'
import { runCommand } from './run-command.ts'

/** A package as it would be uploaded. */
export interface Tarball {
  readonly published: PublishedPackage
  /** Where it lies, absolute. */
  readonly file: string
  readonly sizeBytes: number
  /** What is in it, with forward slashes, without the leading `package/`. */
  readonly paths: readonly string[]
}

/** What no tarball holds: tests, what they leave behind, and secrets. */
const UNWANTED =
  /\.(test|test-d)\.ts$|(^|\/)(node_modules|coverage|\.turbo|\.env[^/]*|\.npmrc)(\/|$)|\.(tgz|log)$/

/** Packs packages that are built, each into `destination`. */
export function packAll(packages: readonly PublishedPackage[], destination: string): readonly Tarball[] {
  const workspaces = packages.flatMap(({ folder }) => ['--workspace', folder])
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination, ...workspaces]
  // npm prints a list or, from version 12 on, an object of the same descriptions.
  const printed = JSON.parse(runCommand('npm', args)) as Readonly<Record<string, PackReport>>
  const reports = Object.values(printed)
  return packages.map((published) => {
    const report = reports.find(({ name }) => name === published.name)
    if (report === undefined) throw new Error(`npm pack said nothing of ${published.name}`)
    const paths = report.files.map(({ path }) => path)
    return { published, file: resolve(destination, report.filename), sizeBytes: report.size, paths }
  })
}

/** What is wrong with what a tarball holds, and with what its `package.json` says of it. */
export function tarballProblems({ published, paths }: Tarball): readonly string[] {
  const { manifest, name, folder } = published
  const held = new Set(paths)
  const problems: string[] = []
  const need = (path: string, why: string): void => {
    if (!held.has(path.replace(/^\.\//, ''))) problems.push(`${path} is missing: ${why}`)
  }
  need('LICENSE', 'each package carries its licence')
  need('README.md', 'it is the page of the package')
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target === 'string') need(target, `exported as ${subpath}`)
    else {
      for (const condition of ['types', 'default']) {
        const path = target[condition]
        if (path === undefined) problems.push(`the export ${subpath} has no ${condition}`)
        else need(path, `the ${condition} of ${subpath}`)
      }
    }
  }
  for (const path of published.programs) need(path, 'a command')
  problems.push(
    ...paths.filter((path) => UNWANTED.test(path)).map((path) => `${path} is not to be published`),
  )

  if (manifest.license !== 'Apache-2.0') problems.push('license is not Apache-2.0')
  if (manifest.type !== 'module') problems.push('type is not module')
  if (manifest.sideEffects !== false) problems.push('sideEffects is not false')
  if (manifest.engines?.node === undefined) problems.push('engines names no node')
  if ((manifest.description ?? '') === '') problems.push('there is no description')
  for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
    if (manifest.peerDependenciesMeta?.[peer]?.optional !== true)
      problems.push(`the peer ${peer} is not optional`)
  }
  const file = join(folder, 'README.md')
  const readme = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (!new RegExp(`^(npm install|npx)\\b.*${name}`, 'm').test(readme))
    problems.push(`README.md has no line that installs ${name}`)
  return problems.map((problem) => `${name}: ${problem}`)
}

interface PackReport {
  readonly name: string
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}
