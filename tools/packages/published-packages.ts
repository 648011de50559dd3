import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package of this repository that is published, as its `package.json` describes it. */
export interface PublishedPackage {
  /** As it is installed: `@golden-arch/budget`. */
  readonly name: string
  /** From the root of the repository, with forward slashes: `packages/budget`. */
  readonly folder: string
  readonly manifest: PackageManifest
  /** What an app may import of it, in the order of `exports`: `@golden-arch/budget/fetch`. */
  readonly specifiers: readonly string[]
  /** The programs behind the commands that it installs, from its folder. */
  readonly programs: readonly string[]
}

/** The fields of a `package.json` that the checks read. */
export interface PackageManifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly description?: string
  readonly license?: string
  readonly type?: string
  readonly sideEffects?: boolean | readonly string[]
  readonly engines?: Readonly<Record<string, string>>
  readonly bin?: string | Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** Each package below `packages` that is not private. */
export function publishedPackages(): readonly PublishedPackage[] {
  return readdirSync('packages')
    .sort()
    .filter((folder) => existsSync(join('packages', folder, 'package.json')))
    .map((folder) => describe(`packages/${folder}`))
    .filter(({ manifest }) => manifest.private !== true)
}

function describe(folder: string): PublishedPackage {
  // What is missing in it is found by the rules of the tarball.
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest
  const { name, bin = {} } = manifest
  const subpaths = Object.keys(manifest.exports ?? {}).filter((subpath) => subpath !== './package.json')
  return {
    name,
    folder,
    manifest,
    specifiers: subpaths.map((subpath) => `${name}${subpath.slice(1)}`),
    programs: typeof bin === 'string' ? [bin] : Object.values(bin),
  }
}
