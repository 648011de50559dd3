/**
 * Writes the bill of materials of the folder it is called in, as CycloneDX: every package that is installed there, the
 * workspaces, and Node. Of the same files it is the same text. Usage: node tools/write-sbom.ts <file>
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'

interface PackageManifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string | { readonly type: string }
  readonly workspaces?: readonly string[]
}

interface Component {
  readonly type: string
  readonly name: string
  readonly version: string
  readonly purl: string
}

/** Packages of the lockfile, by the folder that they lie in. */
type Locked = Readonly<Record<string, { readonly integrity?: string }>>

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('name the file to write')
// npm writes both, and no field of them is taken for granted.
const own = JSON.parse(readFileSync('package.json', 'utf8')) as PackageManifest
const { packages: locked } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Locked }
const workspaces = globSync([...(own.workspaces ?? [])])
const folders = [...workspaces, ...['.', ...workspaces].flatMap((folder) => installedIn(folder))]
const found = new Map<string, Component>()
for (const folder of folders) {
  const component = componentOf(folder)
  if (component !== undefined) found.set(component.purl, component)
}
const node = process.version.slice(1)
const components = [
  { type: 'platform', name: 'node', version: node, purl: `pkg:generic/node@${node}` },
  ...[...found.values()].sort((one, other) => (one.purl < other.purl ? -1 : 1)),
]
const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: { type: 'application', name: own.name, version: own.version, licenses: licensesOf(own) },
  },
  components,
}
writeFileSync(file, `${JSON.stringify(bill, undefined, 2)}\n`)
console.log(`${components.length} components`)

/** The folders of packages below `folder/node_modules`, those below them included. */
function installedIn(folder: string): readonly string[] {
  const below = `${folder === '.' ? '' : `${folder}/`}node_modules`
  return globSync([`${below}/*`, `${below}/@*/*`])
    .filter((path) => existsSync(`${path}/package.json`))
    .flatMap((path) => [path, ...installedIn(path)])
}

function componentOf(folder: string): Component | undefined {
  if (!existsSync(`${folder}/package.json`)) return undefined
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as PackageManifest
  const { name, version } = manifest
  if (name === undefined || version === undefined) return undefined
  const integrity = /^sha512-(.+)$/.exec(locked[folder]?.integrity ?? '')?.[1]
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(licensesOf(manifest) === undefined ? {} : { licenses: licensesOf(manifest) }),
    ...(integrity === undefined
      ? {}
      : { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity, 'base64').toString('hex') }] }),
  }
}

function licensesOf({ license }: PackageManifest): readonly object[] | undefined {
  const words = typeof license === 'string' ? license : license?.type
  if (words === undefined) return undefined
  return [/[\s()]/.test(words) ? { expression: words } : { license: { id: words } }]
}
